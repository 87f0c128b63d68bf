// Load measures Signet on this machine and prints the results as a Markdown table, each with what it is meant to reach.
// `task bench` runs it.
//
// It builds the program, starts it with a data directory of its own, fills it through the API with people who have a past
// (see population), and then drives each case from 32 connections that send the next request as soon as the last one is
// answered. The load comes from this process, on the same processors: what it uses up is missing from the rate but is not
// part of the processor time a request is charged with.
//
// # What is counted
//
// Processor time a request is everything that the signet process and every process of its PostgreSQL server, the background
// ones included, used from the first request to the moment when the read models had caught up with the last one, divided by
// the requests. The kernel counts it in hundredths of a second, so a case should run for seconds. Memory is the resident set
// of the signet process without PostgreSQL, and its proportional share of pages it has in common with others.
//
// Appends are compared with pgbench on the same cluster: rounds of both take turns, and medians are compared, so that
// a noisy machine is noisy for both. pgbench inserts one row with a payload as large as the event's, prepared, from as many
// clients as the store has callers.
//
// # How it fails
//
// A missed target stands in the table as missed, with its figure, and is no error. A case that cannot be measured, a
// refused request or a wrong answer is one: the table of what was measured until then is printed, and the exit status is 1.
// Cases left out by -cases are listed below the table. It needs Linux, for /proc.
package main
