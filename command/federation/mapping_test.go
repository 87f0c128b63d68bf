package federation

import "testing"

func TestClaimPaths(t *testing.T) {
	t.Parallel()
	c, err := parseClaims([]byte(`{
		"id": 9007199254740993, "name": "Ada", "yes": true, "nothing": null, "list": ["first", {"address": "ada@example.com"}],
		"user": {"mail": "a@example.com", "dotted.name": "inner", "deep": {"er": "x"}}, "https://example.com/claim": "uri",
		"user.mail": "the whole name counts first"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"id":                        "9007199254740993", // not rounded
		"name":                      "Ada",
		"yes":                       "true",
		"nothing":                   "",
		"list.0":                    "first",
		"list.1.address":            "ada@example.com",
		"list.2":                    "",
		"list.-1":                   "",
		"list":                      "",
		"user":                      "",
		"user.mail":                 "the whole name counts first",
		"user.dotted.name":          "inner",
		"user.deep.er":              "x",
		"user.deep.er.more":         "",
		"https://example.com/claim": "uri",
		"absent":                    "",
		"":                          "",
		".":                         "",
	} {
		if got := c.text(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestMappingOverDefaults(t *testing.T) {
	t.Parallel()
	get := func(name string) string {
		return map[string]string{"mail": " a@example.com ", "login": "ada", "verified": "TRUE", "phone_verified": "true"}[name]
	}
	id := Mapping{Username: "absent", EmailVerified: "verified"}.identity(
		Mapping{Username: "login", Email: "email|mail", NickName: "login", PhoneVerified: "phone_verified"}, get)
	want := Identity{NickName: "ada", Email: "a@example.com", EmailVerified: true}
	if id.Username != "" {
		t.Error("a mapping falls back to the default")
	}
	if id.NickName != want.NickName || id.Email != want.Email || !id.EmailVerified {
		t.Errorf("got %+v", id)
	}
	if id.PhoneVerified {
		t.Error("there is no phone to be verified")
	}
}
