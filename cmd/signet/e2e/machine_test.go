package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestMachineOverREST leads a machine through its life: added, renamed, given credentials and metadata, stripped of them.
func TestMachineOverREST(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	caller := func(token string) func(method, path, body string, want int) map[string]any {
		c := httpClient(t, token, false)
		return func(method, path, body string, want int) map[string]any {
			t.Helper()
			status, fields := rest(t, c, method, n.url()+path, body)
			if status != want {
				t.Errorf("%s %s: %d expected, got %d: %v", method, path, want, status, fields)
			}
			return fields
		}
	}
	call := caller(n.token())
	home := dig(call("GET", "/v2/users/admin", "", http.StatusOK), "user", "details", "resourceOwner")

	added := call("POST", "/v2/users/new", `{"organizationId": "`+home+`", "machine": {"name": "Robot"}, "metadata": [{"key": "a", "value": "eA=="}]}`, http.StatusOK)
	machine := "/v2/users/" + dig(added, "id")
	call("POST", "/v2/users/new", `{"organizationId": "`+home+`"}`, http.StatusBadRequest)
	call("POST", "/v2/users/new", `{"organizationId": "nowhere", "machine": {"name": "Robot"}}`, http.StatusNotFound)
	call("PATCH", machine, `{"username": "r2", "machine": {"name": "Rob", "description": "Beeps", "accessTokenType": "ACCESS_TOKEN_TYPE_JWT"}}`, http.StatusOK)
	call("PATCH", machine, `{"human": {}}`, http.StatusNotFound)
	call("PATCH", machine, `{"username": "r3"}`, http.StatusBadRequest)
	got := call("GET", machine, "", http.StatusOK)
	if dig(got, "user", "username") != "r2" || dig(got, "user", "machine", "description") != "Beeps" ||
		dig(got, "user", "machine", "accessTokenType") != "ACCESS_TOKEN_TYPE_JWT" {
		t.Errorf("got %v", got)
	}

	const later = `{"expirationDate": "9999-12-31T23:59:59Z"}`
	token := call("POST", machine+"/pats", later, http.StatusOK)
	self := caller(dig(token, "token"))
	if secret := self("POST", machine+"/secret", `{}`, http.StatusOK); len(dig(secret, "clientSecret")) != 64 || secret["creationDate"] == nil {
		t.Error("no secret")
	}
	self("DELETE", machine+"/secret", "", http.StatusOK)
	self("DELETE", machine+"/secret", "", http.StatusBadRequest)
	key := self("POST", machine+"/keys", later, http.StatusOK)
	file := map[string]string{}
	text, err := base64.StdEncoding.DecodeString(dig(key, "keyContent"))
	if err != nil || json.Unmarshal(text, &file) != nil || file["keyId"] != dig(key, "keyId") || !strings.HasPrefix(file["key"], "-----BEGIN RSA PRIVATE KEY-----\n") {
		t.Errorf("key file: %v", err)
	}
	self("POST", machine+"/keys", `{"expirationDate": "2001-01-01T00:00:00Z"}`, http.StatusBadRequest)
	self("POST", machine+"/keys", `{}`, http.StatusBadRequest)
	self("DELETE", machine+"/keys/"+dig(key, "keyId"), "", http.StatusOK)
	self("DELETE", machine+"/keys/"+dig(key, "keyId"), "", http.StatusNotFound)

	self("POST", machine+"/metadata", `{"metadata": [{"key": "c", "value": "eQ=="}]}`, http.StatusOK)
	self("DELETE", machine+"/metadata?keys=c", "", http.StatusOK)
	call("POST", machine+"/metadata", `{"metadata": [{"key": "b", "value": "eQ=="}]}`, http.StatusOK)
	call("POST", machine+"/metadata", `{}`, http.StatusBadRequest)
	call("DELETE", machine+"/metadata?keys=a&keys=c", "", http.StatusNotFound)
	call("DELETE", machine+"/metadata?keys=a&keys=b", "", http.StatusOK)
	self("POST", machine+"/pats", later, http.StatusForbidden)
	call("DELETE", machine+"/pats/"+dig(token, "tokenId"), "", http.StatusOK)
	self("DELETE", machine+"/secret", "", http.StatusUnauthorized)
}

// A person is created, changed in parts and loses a phone number, all through the RPCs that know both kinds of users.
func TestPersonByCreateAndUpdateUser(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	c := httpClient(t, n.token(), false)
	call := func(method, path, body string, want int) map[string]any {
		t.Helper()
		status, fields := rest(t, c, method, n.url()+path, body)
		if status != want {
			t.Errorf("%s %s: %d expected, got %d: %v", method, path, want, status, fields)
		}
		return fields
	}
	home := dig(call("GET", "/v2/users/admin", "", http.StatusOK), "user", "details", "resourceOwner")
	added := call("POST", "/v2/users/new", `{"organizationId": "`+home+`", "username": "ada", "human": {
		"profile": {"givenName": "Ada", "familyName": "Lovelace", "nickName": "A"}, "phone": {"phone": "079 123 45 67", "returnCode": {}},
		"email": {"email": "ada@example.com", "returnCode": {}}, "metadata": [{"key": "a", "value": "eA=="}]}}`, http.StatusOK)
	if len(dig(added, "emailCode")) != 6 || len(dig(added, "phoneCode")) != 6 || added["creationDate"] == nil {
		t.Errorf("added %v", added)
	}
	person := "/v2/users/" + dig(added, "id")
	call("PATCH", person, `{"human": {"profile": {"familyName": "King"}, "phone": {"phone": "", "isVerified": true}}}`, http.StatusBadRequest)
	changed := call("PATCH", person, `{"human": {"profile": {"familyName": "King"}, "phone": {},
		"email": {"email": "king@example.com", "returnCode": {}}}, "metadata": [{"key": "b", "value": "eQ=="}]}`, http.StatusOK)
	if len(dig(changed, "emailCode")) != 6 || changed["changeDate"] == nil {
		t.Errorf("changed %v", changed)
	}
	got := call("GET", person, "", http.StatusOK)
	for want, names := range map[string][]string{
		"Ada": {"profile", "givenName"}, "King": {"profile", "familyName"}, "A": {"profile", "nickName"},
		"": {"phone", "phone"}, "king@example.com": {"email", "email"},
	} {
		if text := dig(got, append([]string{"user", "human"}, names...)...); text != want {
			t.Errorf("%v: %q, want %q", names, text, want)
		}
	}
	call("DELETE", person+"/metadata?keys=a&keys=b", "", http.StatusOK)
	codes := call("POST", person+"/recovery_codes", `{"count": 3}`, http.StatusOK)
	if list, _ := codes["recoveryCodes"].([]any); len(list) != 3 {
		t.Errorf("%d codes", len(list))
	}
	call("POST", person+"/recovery_codes", `{}`, http.StatusBadRequest)
	call("DELETE", person+"/recovery_codes", "", http.StatusOK)
	call("DELETE", person+"/recovery_codes", "", http.StatusNotFound)
}
