package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// rest makes one REST call and returns the status and the fields of the answer.
func rest(t testing.TB, c *http.Client, method, url, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Errorf("%s %s: %s is no JSON object: %q", method, url, res.Status, text)
	}
	return res.StatusCode, fields
}

// dig follows names and returns the text at the end.
func dig(fields map[string]any, names ...string) string {
	var at any = fields
	for _, name := range names {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			if len(v) == 0 {
				return ""
			}
			at, _ = v[0].(map[string]any)[name], name
		default:
			return ""
		}
	}
	text, _ := at.(string)
	return text
}

func testREST(t *testing.T, n *server) {
	for version, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := httpClient(t, n.token(), http2)
			call := func(method, path, body string, want int) map[string]any {
				t.Helper()
				status, fields := rest(t, c, method, n.url()+path, body)
				if status != want {
					t.Errorf("%s %s: %d expected, got %d: %v", method, path, want, status, fields)
				}
				return fields
			}
			email := strings.ToLower(version) + "@example.com"
			added := call("POST", "/v2/users/human", `{"profile": {"givenName": "Ada", "familyName": "Lovelace"},
				"email": {"email": "`+email+`"}, "phone": {"phone": "079 123 45 67", "isVerified": true}, "unknownField": 1}`, http.StatusOK)
			id := dig(added, "userId")
			message := call("GET", "/inbox/v1/messages:wait?timeout=30s&recipient="+email, "", http.StatusOK)
			call("POST", "/v2/users/"+id+"/email/verify", `{"verificationCode": "`+dig(message, "message", "code")+`"}`, http.StatusOK)
			got := call("GET", "/v2/users/"+id, "", http.StatusOK)
			if dig(got, "user", "human", "email", "email") != email || dig(got, "user", "human", "phone", "phone") != "+41791234567" {
				t.Errorf("got %v", got)
			}
			call("PUT", "/v2/users/human/"+id, `{"profile": {"given_name": "Augusta", "family_name": "King"}}`, http.StatusOK)
			listed := call("POST", "/v2/users", `{"queries": [{"emailQuery": {"emailAddress": "`+email+`"}}]}`, http.StatusOK)
			if dig(listed, "result", "userId") != id || dig(listed, "result", "username") != email {
				t.Errorf("listed %v", listed)
			}
			call("POST", "/v2/users/"+id+"/lock", `{}`, http.StatusOK)
			call("POST", "/v2/users/"+id+"/lock", `{}`, http.StatusBadRequest)
			call("POST", "/v2/users/"+id+"/unlock", `{}`, http.StatusOK)
			call("DELETE", "/v2/users/"+id+"/phone", "", http.StatusOK)
			if methods := call("GET", "/v2/users/"+id+"/authentication_methods", "", http.StatusOK); methods["details"] == nil {
				t.Errorf("methods %v", methods)
			}
			history := call("GET", "/audit/v1/events?stream_id="+id+"&type=user.email.*&type=user.locked&page_size=2", "", http.StatusOK)
			if dig(history, "events", "type") != "user.locked" || dig(history, "events", "actorId") == "" || history["nextPageToken"] == nil {
				t.Errorf("history %v", history)
			}
			call("DELETE", "/v2/users/"+id, "", http.StatusOK)
			if gone := call("GET", "/v2/users/"+id, "", http.StatusNotFound); gone["code"] != 5.0 {
				t.Errorf("gone: %v", gone)
			}
		})
	}
}
