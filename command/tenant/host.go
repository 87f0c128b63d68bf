package tenant

import (
	"slices"
	"strings"
)

// Limits of what a tenant is called.
const (
	maxName  = 63
	maxHosts = 50
	maxHost  = 253 // bytes of a host name, RFC 1035, section 2.3.4
	maxLabel = 63
)

// ValidName reports whether a tenant can have this name.
func ValidName(name string) bool {
	return name != "" && len(name) <= maxName && !strings.ContainsFunc(name, isNoneOfLabel)
}

// ParseHost returns a host name as tenants hold it, "" for what is none: in lower case, without a port and the dot of the root.
// An address is none.
func ParseHost(text string) string {
	host := strings.TrimSpace(text)
	if name, port, found := strings.Cut(host, ":"); found && !strings.ContainsFunc(port, isNoDigit) {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || len(host) > maxHost {
		return ""
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > maxLabel || strings.ContainsFunc(label, isNoneOfLabel) || label != strings.Trim(label, "-") {
			return ""
		}
		last = label
	}
	if !strings.ContainsFunc(last, isNoDigit) {
		return ""
	}
	return host
}

func isNoneOfLabel(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' }

func isNoDigit(c rune) bool { return c < '0' || c > '9' }

// parseHosts returns host names in the order they were given, each once.
func parseHosts(texts []string) ([]string, error) {
	if len(texts) == 0 || len(texts) > maxHosts {
		return nil, ErrHosts
	}
	hosts := make([]string, 0, len(texts))
	for _, text := range texts {
		host := ParseHost(text)
		if host == "" {
			return nil, ErrHosts
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}
