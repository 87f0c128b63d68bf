package federation

import (
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// What the signature is over and how it is made is looked at before it is verified: none of these gets as far.
func TestSignaturesThatAreNotVerified(t *testing.T) {
	t.Parallel()
	signature := func(method, digest string, uris ...string) string {
		var b strings.Builder
		b.WriteString(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><SignatureMethod Algorithm="` + method + `"/>`)
		for _, uri := range uris {
			b.WriteString(`<Reference URI="` + uri + `"><DigestMethod Algorithm="` + digest + `"/></Reference>`)
		}
		b.WriteString(`</SignedInfo></Signature>`)
		return b.String()
	}
	const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	rs256 := dsig.RSASHA256SignatureMethod
	for name, c := range map[string]struct{ xml, want string }{
		"no id":           {`<A>` + signature(rs256, sha256, "#") + `</A>`, "no id"},
		"no signature":    {`<A ID="1"/>`, "exactly one signature"},
		"two signatures":  {`<A ID="1">` + signature(rs256, sha256, "#1") + signature(rs256, sha256, "#1") + `</A>`, "exactly one signature"},
		"of another":      {`<A ID="1">` + signature(rs256, sha256, "#2") + `</A>`, "exactly one signature"},
		"of everything":   {`<A ID="1">` + signature(rs256, sha256, "") + `</A>`, "exactly one signature"},
		"no reference":    {`<A ID="1">` + signature(rs256, sha256) + `</A>`, "exactly one reference"},
		"two references":  {`<A ID="1">` + signature(rs256, sha256, "#1", "#2") + `</A>`, "exactly one reference"},
		"elsewhere":       {`<A ID="1"><B>` + signature(rs256, sha256, "#1") + `</B></A>`, "elsewhere"},
		"SHA-1 signature": {`<A ID="1">` + signature(dsig.RSASHA1SignatureMethod, sha256, "#1") + `</A>`, "algorithm"},
		"SHA-1 digest":    {`<A ID="1">` + signature(rs256, "http://www.w3.org/2000/09/xmldsig#sha1", "#1") + `</A>`, "algorithm"},
		"HMAC":            {`<A ID="1">` + signature("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", sha256, "#1") + `</A>`, "algorithm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := etree.NewDocument()
			if err := document.ReadFromString(c.xml); err != nil {
				t.Fatal(err)
			}
			err := signatures{now: time.Now()}.VerifySignature(dsig.NewDefaultValidationContext(nil), document.Root())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one about %q", err, c.want)
			}
		})
	}
}
