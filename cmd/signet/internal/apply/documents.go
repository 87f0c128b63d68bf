package apply

import (
	"unicode/utf8"

	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

func (r *reader) organization(m *mapping) {
	key, t := Key{Kind: Organization, ID: m.id("id")}, m.thing(stateActive, stateInactive)
	m.needText(t, "name")
	m.add(key, t)
}

func (r *reader) project(m *mapping) {
	key, t := Key{Kind: Project, ID: m.id("id")}, m.thing(stateActive, stateInactive)
	m.needText(t, fieldOrganization)
	m.needText(t, "name")
	m.settings(t, new(projectv2.UpdateProjectRequest), "project_id", "name")
	t.Needs = []Key{{Kind: Organization, ID: t.Fields[fieldOrganization]}}
	m.add(key, t)
	m.each("roles", func(m *mapping) {
		role, its := Key{Kind: Role, ID: m.id("key"), Project: key.ID}, m.thing()
		m.settings(its, new(projectv2.UpdateProjectRoleRequest), "project_id", "role_key")
		its.Needs = []Key{key}
		m.addBelow(t, role, its)
	})
	m.each("grants", func(m *mapping) {
		grant := Key{Kind: Grant, Project: key.ID, Organization: m.id("organization")}
		its := m.thing(stateActive, stateInactive)
		its.Needs = []Key{key, {Kind: Organization, ID: grant.Organization}}
		m.roles(its, key.ID)
		m.addBelow(t, grant, its)
	})
}

func (r *reader) provider(m *mapping) {
	key, t := Key{Kind: Provider, ID: m.id("id"), Organization: m.optionalID("organization")}, m.thing()
	if key.Organization != "" {
		t.Needs = []Key{{Kind: Organization, ID: key.Organization}}
	}
	if utf8.RuneCountInString(key.ID) > maxName {
		m.wrong("id", "a name has at most %d characters", maxName)
	}
	if n := m.take("settings"); n != nil {
		if settings := r.mapping(n); settings != nil {
			settings.settings(t, new(idpv1.ProviderSettings), "name")
			settings.end()
		}
	} else if !t.Absent {
		m.missing("settings")
	}
	if n := m.take("credentials"); n != nil {
		if credentials := r.mapping(n); credentials != nil {
			credentials.secrets(t, (*idpv1.ProviderCredentials)(nil).ProtoReflect().Descriptor())
			credentials.end()
		}
	}
	m.add(key, t)
}

func (r *reader) machine(m *mapping) {
	key, t := Key{Kind: Machine, ID: m.id("id")}, m.thing(stateActive, stateInactive)
	m.needText(t, fieldOrganization)
	m.needText(t, "name")
	if name, ok := m.text(fieldUsername); ok {
		t.Fields[fieldUsername] = name
	}
	m.settings(t, new(userv2.UpdateUserRequest_Machine), "name")
	t.Needs = []Key{{Kind: Organization, ID: t.Fields[fieldOrganization]}}
	m.add(key, t)
	m.each("memberships", func(m *mapping) { m.membership(t, key.ID) })
	m.each("authorizations", func(m *mapping) { m.authorization(t, key.ID) })
}

// membership reads on what a user holds roles, and which.
func (m *mapping) membership(whole *Thing, user string) {
	key, t := Key{Kind: Membership, User: user}, m.thing()
	t.Needs = []Key{{Kind: Machine, ID: user}}
	key.Organization, key.Project = m.optionalID("organization"), m.optionalID("project")
	everywhere, ok := m.text("instance")
	if ok && everywhere != "true" || ok == (key.Organization+key.Project != "") {
		m.r.mistakes.add(m.at, "a membership is on instance: true, on an organization, on a project, or with both on a granted project")
	}
	switch {
	case key.Project != "" && key.Organization != "":
		t.Needs = append(t.Needs, Key{Kind: Grant, Project: key.Project, Organization: key.Organization})
	case key.Project != "":
		t.Needs = append(t.Needs, Key{Kind: Project, ID: key.Project})
	case key.Organization != "":
		t.Needs = append(t.Needs, Key{Kind: Organization, ID: key.Organization})
	}
	m.roles(t, "")
	if !t.Absent && t.Fields[fieldRoles] == "[]" {
		m.wrong(fieldRoles, "one at least; state: absent removes a membership")
	}
	m.addBelow(whole, key, t)
}

// authorization reads which roles of a project a user has, and in which organization.
func (m *mapping) authorization(whole *Thing, user string) {
	key := Key{Kind: Authorization, User: user, Project: m.id("project"), Organization: m.id("organization")}
	t := m.thing(stateActive, stateInactive)
	t.Needs = []Key{{Kind: Machine, ID: user}, {Kind: Project, ID: key.Project}, {Kind: Organization, ID: key.Organization}}
	m.roles(t, key.Project)
	m.addBelow(whole, key, t)
}

// roles takes a list of roles, those of a project if it names one.
func (m *mapping) roles(t *Thing, project string) {
	roles, ok := m.texts(fieldRoles)
	if !ok {
		if m.values[fieldRoles] == nil && !t.Absent {
			m.missing(fieldRoles)
		}
		return
	}
	t.Fields[fieldRoles] = setText(roles)
	for _, role := range itemsOf(t.Fields[fieldRoles]) {
		if project != "" {
			t.Needs = append(t.Needs, Key{Kind: Role, ID: role, Project: project})
		}
	}
}

// add hands over what the mapping says.
func (m *mapping) add(key Key, t *Thing) {
	if t.Absent {
		t.Fields, t.Secrets, t.Needs = nil, nil, nil
	}
	m.r.add(key, t)
}

// addBelow hands over a part of something. With something that is to be absent its parts go by themselves.
func (m *mapping) addBelow(whole *Thing, key Key, t *Thing) {
	if !whole.Absent {
		m.add(key, t)
	}
}
