// Package auditservice serves signet.audit.v1.AuditService: it translates between its messages and query/audit.
package auditservice
