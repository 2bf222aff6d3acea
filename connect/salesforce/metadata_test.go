package salesforce

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the package anew")

const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// The package makes the fields that are written, and lets the app's user write them.
func TestS15_ThePackageHoldsTheFieldsThatAreWritten(t *testing.T) {
	t.Parallel()
	files := map[string]string{"package.xml": manifest, "permissionsets/Tributary.permissionset": permissions()}
	for object := range ours {
		files["objects/"+object+".object"] = objectFile(object)
	}
	for name, want := range files {
		file := filepath.Join("metadata", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what the fields are, write it with -update: %v", name, err)
		}
	}
}

const manifest = head + `<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>Contact</members>
        <members>Opportunity</members>
        <name>CustomObject</name>
    </types>
    <types>
        <members>Tributary</members>
        <name>PermissionSet</name>
    </types>
    <version>68.0</version>
</Package>
`

func objectFile(object string) string {
	b := &strings.Builder{}
	b.WriteString(head + `<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">` + "\n")
	if object == contact {
		b.WriteString("    <enableHistory>true</enableHistory>\n")
	}
	for _, name := range slices.Sorted(maps.Keys(ours[object])) {
		f := ours[object][name]
		b.WriteString("    <fields>\n")
		line := func(tag string, v any) { fmt.Fprintf(b, "        <%s>%v</%s>\n", tag, v, tag) }
		line("fullName", name)
		if isKey(object, name) {
			line("caseSensitive", false)
		}
		if f.kind == "Lookup" {
			line("deleteConstraint", "SetNull")
		}
		if isKey(object, name) {
			line("externalId", true)
		}
		line("label", f.label)
		switch f.kind {
		case "Text":
			line("length", f.length)
		case "Number":
			line("precision", 18)
			line("scale", f.places)
		case "Lookup":
			line("referenceTo", contact)
			line("relationshipLabel", "Orders")
			line("relationshipName", "Tributary_Orders")
		}
		if f.tracked {
			line("trackHistory", true)
		}
		line("type", f.kind)
		if isKey(object, name) {
			line("unique", true)
		}
		b.WriteString("    </fields>\n")
	}
	b.WriteString("</CustomObject>\n")
	return b.String()
}

func permissions() string {
	b := &strings.Builder{}
	b.WriteString(head + `<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">` + "\n")
	fields := []string{"Contact.Email", "Opportunity.Amount"}
	for object := range ours {
		for name := range ours[object] {
			fields = append(fields, object+"."+name)
		}
	}
	slices.Sort(fields)
	for _, name := range fields {
		fmt.Fprintf(b, "    <fieldPermissions>\n        <editable>true</editable>\n        <field>%s</field>\n        <readable>true</readable>\n    </fieldPermissions>\n", name)
	}
	b.WriteString("    <label>Tributary</label>\n")
	for _, object := range []string{"Account", contact, opportunity} {
		writes := object != "Account" // which contacts are nothing without
		fmt.Fprintf(b, "    <objectPermissions>\n        <allowCreate>%[1]v</allowCreate>\n        <allowDelete>false</allowDelete>\n        <allowEdit>%[1]v</allowEdit>\n        <allowRead>true</allowRead>\n        <modifyAllRecords>false</modifyAllRecords>\n        <object>%[2]s</object>\n        <viewAllRecords>%[3]v</viewAllRecords>\n    </objectPermissions>\n", writes, object, object == contact)
	}
	b.WriteString("    <userPermissions>\n        <enabled>true</enabled>\n        <name>ApiEnabled</name>\n    </userPermissions>\n</PermissionSet>\n")
	return b.String()
}
