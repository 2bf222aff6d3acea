package salesforcetest

import (
	"encoding/xml"
	"io/fs"
	"path"
	"strings"
)

// custom is a field as metadata has it.
type custom struct {
	Name       string `xml:"fullName"`
	Label      string `xml:"label"`
	Type       string `xml:"type"`
	Length     int    `xml:"length"`
	Precision  int    `xml:"precision"`
	Scale      int    `xml:"scale"`
	ExternalID bool   `xml:"externalId"`
	Unique     bool   `xml:"unique"`
	To         string `xml:"referenceTo"`
}

// types of describe, by those of metadata.
var types = map[string]string{"Text": "string", "Number": "double", "DateTime": "datetime", "Lookup": "reference"}

// Deploy makes the fields of a package, as far as its permission set lets the app's user
// write them, and gives how many. It panics for a package that Salesforce would refuse.
func (o *Org) Deploy(folder fs.FS) int {
	var listed struct {
		Types []struct {
			Members []string `xml:"members"`
			Name    string   `xml:"name"`
		} `xml:"types"`
	}
	var allowed struct {
		Fields []struct {
			Field    string `xml:"field"`
			Editable bool   `xml:"editable"`
			Readable bool   `xml:"readable"`
		} `xml:"fieldPermissions"`
	}
	load(folder, "package.xml", &listed)
	load(folder, "permissionsets/Tributary.permissionset", &allowed)
	may, n := map[string]bool{}, 0
	for _, f := range allowed.Fields {
		may[f.Field] = f.Editable && f.Readable
	}
	for _, t := range listed.Types {
		for _, member := range t.Members {
			if t.Name == "CustomObject" {
				n += o.deploy(folder, member, may)
			}
		}
	}
	return n
}

func (o *Org) deploy(folder fs.FS, object string, may map[string]bool) (n int) {
	var in struct {
		Fields []custom `xml:"fields"`
	}
	load(folder, path.Join("objects", object+".object"), &in)
	for _, f := range in.Fields {
		kind := types[f.Type]
		wrong := f.Label == "" || !strings.HasSuffix(f.Name, "__c") || kind == "" || f.Type == "Text" && (f.Length < 1 || f.Length > 255) ||
			f.Type == "Number" && (f.Precision < 1 || f.Precision > 18 || f.Scale > f.Precision) || f.Type == "Lookup" && o.fields[f.To] == nil || f.ExternalID != f.Unique
		if wrong || o.fields[object] == nil {
			panic("no field that could be deployed: " + object + "." + f.Name)
		}
		if may[object+"."+f.Name] {
			o.Field(object, f.Name, Field{Type: kind, Length: f.Length, Scale: f.Scale, ExternalID: f.ExternalID})
			n++
		}
	}
	return n
}

func load(folder fs.FS, name string, into any) {
	raw, err := fs.ReadFile(folder, name)
	if err == nil {
		err = xml.Unmarshal(raw, into)
	}
	if err != nil {
		panic(name + ": " + err.Error())
	}
}
