package local

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// defaultSettings are for one machine that does other things as well. Durability is PostgreSQL's default, spelled out
// because promises rest on it.
var defaultSettings = map[string]string{
	"fsync":              "on",
	"full_page_writes":   "on",
	"synchronous_commit": "on",
	"wal_level":          "replica",

	"shared_buffers":     "512MB",
	"max_connections":    "100",
	"wal_compression":    "on", // or better, see binaries.settings
	"max_wal_size":       "2GB",
	"checkpoint_timeout": "15min",
	"random_page_cost":   "1.1",
	"jit":                "off", // compiling costs more than any of our queries

	// A rebuild rewrites a read model's rows; the defaults would let a fifth of a table die first.
	"autovacuum":                      "on",
	"autovacuum_vacuum_scale_factor":  "0.05",
	"autovacuum_analyze_scale_factor": "0.05",

	// A transaction left open holds back every reader of the log.
	"idle_in_transaction_session_timeout": "60s",

	// No statement, parameter or row ever goes to the log: they may hold personal data. Refused statements are reported
	// to whom they were refused.
	"log_min_messages":        "log",
	"log_min_error_statement": "panic",
	"log_error_verbosity":     "terse",
	"log_timezone":            "UTC",
	"logging_collector":       "off",

	"timezone":     "UTC",
	"cluster_name": "signet",
}

var settingName = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

// renderSettings returns the postgresql.conf of these settings, each over those before it, over the default ones.
func renderSettings(overrides ...map[string]string) (string, error) {
	settings := maps.Clone(defaultSettings)
	for _, override := range overrides {
		maps.Copy(settings, override)
	}
	var conf strings.Builder
	conf.WriteString("# Written by signet at each start. Your own settings: ALTER SYSTEM SET name = value\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		value := settings[name]
		if !settingName.MatchString(name) || strings.ContainsAny(value, "\r\n\x00") {
			return "", fmt.Errorf("postgres setting %q is malformed", name)
		}
		quoted := strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(value)
		fmt.Fprintf(&conf, "%s = '%s'\n", name, quoted)
	}
	return conf.String(), nil
}
