package projection

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"
)

// session is a set of settings for one kind of work. Each connection carries the session lock of a lease.
type session map[string]string

// following reads and writes few rows by primary key, with plans made once. A plan made while a table was small must not
// scan it when it has grown, so the planner gets no choice.
func following() session {
	return session{
		"synchronous_commit": "off", // see the package comment
		"plan_cache_mode":    "force_generic_plan",
		"enable_seqscan":     "off", "enable_bitmapscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
	}
}

// building fills whole tables and reads them.
func building() session { return session{"synchronous_commit": "off", "work_mem": "64MB"} }

// connect opens a connection of its own.
func connect(ctx context.Context, log Log, settings session) (*pgx.Conn, error) {
	config := log.Pool.Config().ConnConfig.Copy()
	maps.Copy(config.RuntimeParams, settings)
	config.RuntimeParams["jit"] = "off"
	config.RuntimeParams["application_name"] = "signet-projection"
	return pgx.ConnectConfig(ctx, config)
}
