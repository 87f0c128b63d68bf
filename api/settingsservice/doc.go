// Package settingsservice is the API to the policies of the instance and of organizations (signet.settings.v2): it translates messages
// to commands and queries and their answers back, one file per RPC.
//
// A request names an organization, the whole instance, or nothing, which stands for the caller's own organization. Answers are what
// holds there, and say whose it is. Who may read and write is for package command/policy to say.
package settingsservice
