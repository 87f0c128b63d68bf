package config_test

import "testing"

func TestFederation(t *testing.T) {
	for name, c := range map[string]struct {
		args     []string
		external string
		refused  bool
	}{
		"by default":               {nil, "http://localhost:8080", false},
		"on another port":          {[]string{"--listen", ":9000"}, "http://localhost:9000", false},
		"by flag":                  {[]string{"--external-url", "https://id.example.com/"}, "https://id.example.com", false},
		"below a path":             {[]string{"--external-url", "https://example.com/id"}, "https://example.com/id", false},
		"no URL":                   {[]string{"--external-url", "id.example.com"}, "", true},
		"a URL with a query":       {[]string{"--external-url", "https://id.example.com?a"}, "", true},
		"origins":                  {[]string{"--redirect-origins", "https://a.example.com,http://localhost:3000"}, "http://localhost:8080", false},
		"no origin":                {[]string{"--redirect-origins", "https://a.example.com/path"}, "", true},
		"every origin":             {[]string{"--redirect-origins", "*"}, "", true},
		"networks":                 {[]string{"--federation-allow-private", "10.0.0.0/8,::1/128"}, "http://localhost:8080", false},
		"an address, no network":   {[]string{"--federation-allow-private", "10.0.0.1"}, "", true},
		"all networks, by mistake": {[]string{"--federation-allow-private", "true"}, "", true},
	} {
		cfg, err := read(t, "", c.args...)
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && cfg.External() != c.external {
			t.Errorf("%s: %s", name, cfg.External())
		}
	}
}
