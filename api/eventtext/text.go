package eventtext

// Key is the name of an event type's text among all texts.
func Key(eventType string) string { return "EventTypes." + eventType }

// Of returns what an event of a type is called.
func (l Language) Of(eventType string) string {
	if text, known := texts[eventType]; known && l < languageCount {
		return text[l]
	}
	return eventType
}

// System returns what the platform itself is called where it did something.
func (l Language) System() string {
	return [languageCount]string{"System", "System"}[l]
}

// texts is the table. Nothing writes to it.
var texts = map[string][languageCount]string{
	"user.human.added":      {"Person added", "Person hinzugefügt"},
	"user.machine.added":    {"Machine added", "Maschine hinzugefügt"},
	"user.machine.changed":  {"Machine changed", "Maschine geändert"},
	"user.username.changed": {"Username changed", "Benutzername geändert"},
	"user.profile.changed":  {"Profile changed", "Profil geändert"},
	"user.deactivated":      {"Account deactivated", "Konto deaktiviert"},
	"user.reactivated":      {"Account reactivated", "Konto reaktiviert"},
	"user.locked":           {"Account locked", "Konto gesperrt"},
	"user.unlocked":         {"Account unlocked", "Konto entsperrt"},
	"user.removed":          {"Account removed", "Konto entfernt"},
	"user.avatar.set":       {"Picture changed", "Bild geändert"},
	"user.avatar.removed":   {"Picture removed", "Bild entfernt"},
	"user.metadata.set":     {"Metadata set", "Metadaten gesetzt"},
	"user.metadata.removed": {"Metadata removed", "Metadaten entfernt"},

	"user.email.changed":      {"Email address changed", "E-Mail-Adresse geändert"},
	"user.email.code.added":   {"Code for the email address made", "Code für die E-Mail-Adresse erstellt"},
	"user.email.verified":     {"Email address verified", "E-Mail-Adresse bestätigt"},
	"user.email.code.blocked": {"Code for the email address void after too many attempts", "Code für die E-Mail-Adresse nach zu vielen Versuchen ungültig"},
	"user.phone.changed":      {"Phone number changed", "Telefonnummer geändert"},
	"user.phone.code.added":   {"Code for the phone number made", "Code für die Telefonnummer erstellt"},
	"user.phone.verified":     {"Phone number verified", "Telefonnummer bestätigt"},
	"user.phone.code.blocked": {"Code for the phone number void after too many attempts", "Code für die Telefonnummer nach zu vielen Versuchen ungültig"},
	"user.phone.removed":      {"Phone number removed", "Telefonnummer entfernt"},

	"user.password.changed":      {"Password changed", "Passwort geändert"},
	"user.password.rehashed":     {"Stored password strengthened", "Gespeichertes Passwort besser geschützt"},
	"user.password.code.added":   {"Code for a new password made", "Code für ein neues Passwort erstellt"},
	"user.password.code.blocked": {"Code for a new password void after too many attempts", "Code für ein neues Passwort nach zu vielen Versuchen ungültig"},
	"user.password.throttled":    {"Too many wrong passwords", "Zu viele falsche Passwörter"},

	"user.invite.code.added":   {"Invitation made", "Einladung erstellt"},
	"user.invite.code.blocked": {"Invitation void after too many attempts", "Einladung nach zu vielen Versuchen ungültig"},
	"user.invite.accepted":     {"Invitation accepted", "Einladung angenommen"},

	"user.webauthn.added":           {"Registration of a passkey or security key begun", "Registrierung eines Passkeys oder Sicherheitsschlüssels begonnen"},
	"user.webauthn.verified":        {"Passkey or security key registered", "Passkey oder Sicherheitsschlüssel registriert"},
	"user.webauthn.used":            {"Passkey or security key used", "Passkey oder Sicherheitsschlüssel verwendet"},
	"user.webauthn.clone.suspected": {"Passkey or security key may have been copied", "Passkey oder Sicherheitsschlüssel wurde vielleicht kopiert"},
	"user.webauthn.removed":         {"Passkey or security key removed", "Passkey oder Sicherheitsschlüssel entfernt"},
	"user.passkey.code.added":       {"Link for a passkey made", "Link für einen Passkey erstellt"},
	"user.passkey.code.used":        {"Link for a passkey used", "Link für einen Passkey verwendet"},
	"user.passkey.code.blocked":     {"Link for a passkey void after too many attempts", "Link für einen Passkey nach zu vielen Versuchen ungültig"},

	"user.totp.added":              {"Registration of an authenticator app begun", "Registrierung einer Authenticator-App begonnen"},
	"user.totp.verified":           {"Authenticator app registered", "Authenticator-App registriert"},
	"user.totp.removed":            {"Authenticator app removed", "Authenticator-App entfernt"},
	"user.totp.throttled":          {"Too many wrong codes of an authenticator app", "Zu viele falsche Codes einer Authenticator-App"},
	"user.otp.sms.added":           {"Codes by SMS switched on", "Codes per SMS eingeschaltet"},
	"user.otp.sms.removed":         {"Codes by SMS switched off", "Codes per SMS ausgeschaltet"},
	"user.otp.sms.code.added":      {"Code by SMS made", "Code per SMS erstellt"},
	"user.otp.sms.code.used":       {"Code by SMS used", "Code per SMS verwendet"},
	"user.otp.sms.code.blocked":    {"Code by SMS void after too many attempts", "Code per SMS nach zu vielen Versuchen ungültig"},
	"user.otp.email.added":         {"Codes by email switched on", "Codes per E-Mail eingeschaltet"},
	"user.otp.email.removed":       {"Codes by email switched off", "Codes per E-Mail ausgeschaltet"},
	"user.otp.email.code.added":    {"Code by email made", "Code per E-Mail erstellt"},
	"user.otp.email.code.used":     {"Code by email used", "Code per E-Mail verwendet"},
	"user.otp.email.code.blocked":  {"Code by email void after too many attempts", "Code per E-Mail nach zu vielen Versuchen ungültig"},
	"user.mfa.init.skipped":        {"Second factor put off", "Zweiter Faktor aufgeschoben"},
	"user.recovery.codes.added":    {"Recovery codes made", "Wiederherstellungscodes erstellt"},
	"user.recovery.code.used":      {"Recovery code used", "Wiederherstellungscode verwendet"},
	"user.recovery.code.throttled": {"Too many wrong recovery codes", "Zu viele falsche Wiederherstellungscodes"},
	"user.recovery.codes.removed":  {"Recovery codes removed", "Wiederherstellungscodes entfernt"},

	"user.idp.linked":               {"Account at an identity provider linked", "Konto bei einem Identitätsanbieter verknüpft"},
	"user.idp.unlinked":             {"Account at an identity provider unlinked", "Verknüpfung mit einem Identitätsanbieter entfernt"},
	"user.machine.secret.set":       {"Secret set", "Geheimnis gesetzt"},
	"user.machine.secret.removed":   {"Secret removed", "Geheimnis entfernt"},
	"user.machine.secret.throttled": {"Too many wrong secrets", "Zu viele falsche Geheimnisse"},
	"user.machine.key.added":        {"Key added", "Schlüssel hinzugefügt"},
	"user.machine.key.removed":      {"Key removed", "Schlüssel entfernt"},
	"user.token.added":              {"Access token made", "Zugriffstoken erstellt"},
	"user.token.changed":            {"Access token changed", "Zugriffstoken geändert"},
	"user.token.regenerated":        {"Access token given a new value", "Zugriffstoken mit neuem Wert versehen"},
	"user.token.expired":            {"Access token expired by force", "Zugriffstoken vorzeitig beendet"},
	"user.token.removed":            {"Access token removed", "Zugriffstoken entfernt"},
}
