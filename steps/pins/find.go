package pins

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
	"unicode/utf16"
)

// Manifest reports whether a tracked file of this path, relative to the
// repository root and with slashes, may pin a package.
func Manifest(file string) bool { return reader(file) != nil }

// Find lists the pins of sentry-sdk in one manifest, in the order of their
// offsets. It returns nil for other files and for manifests that do not
// mention the package. The error names the file and, where known, the line a
// manifest cannot be read at.
func Find(file string, src []byte) ([]Pin, error) {
	read := reader(file)
	if read == nil {
		return nil, nil
	}
	if text, wide := fromUTF16(src); wide {
		if mention.MatchString(text) {
			return nil, fmt.Errorf("%s: is UTF-16: save it as UTF-8 and run again", file)
		}
		return nil, nil
	}
	if !mention.Match(src) {
		return nil, nil
	}
	f := &finder{path: file, src: src}
	if bytes.HasPrefix(src, byteOrderMark) {
		f.base = len(byteOrderMark)
	}
	if err := read(f); err != nil {
		return nil, err
	}
	sort.SliceStable(f.pins, func(i, j int) bool { return f.pins[i].Start < f.pins[j].Start })
	return f.pins, nil
}

var byteOrderMark = []byte("\ufeff")

// fromUTF16 decodes a file that PowerShell's redirection wrote.
func fromUTF16(src []byte) (string, bool) {
	if len(src) < 2 {
		return "", false
	}
	little := src[0] == 0xff && src[1] == 0xfe
	if !little && !(src[0] == 0xfe && src[1] == 0xff) {
		return "", false
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 2; i+1 < len(src); i += 2 {
		lo, hi := src[i], src[i+1]
		if !little {
			lo, hi = hi, lo
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	return string(utf16.Decode(units)), true
}

var (
	requirementsName = regexp.MustCompile(`(?i)requirement|constraint`)
	requirementsDir  = regexp.MustCompile(`(?i)^(requirements?|requires|reqs?|constraints?|pip)$`)
	environmentName  = regexp.MustCompile(`(?i)(^|[-_.])(environments?|conda|env)([-_.].*)?\.ya?ml$`)
	dockerName       = regexp.MustCompile(`(?i)^(docker|container)file([-_.].*)?$|\.(docker|container)file$`)
	ciName           = regexp.MustCompile(`(?i)^(\.travis|appveyor|\.appveyor|\.drone|\.woodpecker|\.cirrus|bitbucket-pipelines|` +
		`azure-pipelines.*|\.gitlab-ci.*|cloudbuild.*|buildspec.*)\.ya?ml$|^jenkinsfile|\.gitlab-ci\.ya?ml$`)
	ciDir = regexp.MustCompile(`^(.*/)?(\.github/(workflows|actions)|\.gitea/workflows|\.forgejo/workflows|\.circleci|\.gitlab|` +
		`\.azure-pipelines|azure-pipelines|\.buildkite|\.woodpecker)/.*\.ya?ml$`)
)

// reader returns what finds the pins of a manifest, by its path alone; nil for
// files that are none.
func reader(file string) func(*finder) error {
	base := path.Base(file)
	switch base {
	case "pyproject.toml":
		return (*finder).pyproject
	case "hatch.toml", "uv.toml", "pixi.toml":
		return (*finder).toolFile
	case "Pipfile":
		return (*finder).pipfile
	case "uv.lock", "poetry.lock", "pdm.lock":
		return (*finder).tomlLock
	case "Pipfile.lock":
		return (*finder).pipfileLock
	case "setup.cfg", "tox.ini":
		return (*finder).ini
	case "setup.py", "__manifest__.py", "__openerp__.py":
		return (*finder).python
	case ".pre-commit-config.yaml", ".pre-commit-config.yml":
		return (*finder).preCommit
	}
	if ordinary(base) {
		return nil
	}
	return readerByForm(file, base)
}

// ordinary reports a file whose name none of the patterns below can match. It
// spares large trees the searches.
func ordinary(base string) bool {
	base = strings.ToLower(base)
	switch path.Ext(base) {
	case ".yml", ".yaml", ".toml", ".txt", ".in", ".lock", ".pip":
		return false
	}
	return !strings.Contains(base, "file")
}

func readerByForm(file, base string) func(*finder) error {
	ext := strings.ToLower(path.Ext(base))
	switch {
	case strings.HasPrefix(base, "pylock.") && ext == ".toml":
		return (*finder).tomlLock
	case dockerName.MatchString(base):
		return (*finder).commands
	case ciName.MatchString(base), ciDir.MatchString(file):
		return (*finder).commands
	case environmentName.MatchString(base):
		return (*finder).environment
	case ext == ".txt", ext == ".in", ext == ".lock", ext == ".pip":
		if requirementsName.MatchString(base) || requirementsDir.MatchString(path.Base(path.Dir(file))) {
			return (*finder).requirements
		}
	}
	return nil
}

// finder collects the pins of one file.
type finder struct {
	path string
	src  []byte
	base int // where the text begins: behind a byte order mark
	pins []Pin
}

// add completes a pin from its offsets and keeps it, unless an alias led to
// the same bytes before.
func (f *finder) add(p Pin) {
	for _, known := range f.pins {
		if known.Start == p.Start && known.End == p.End {
			return
		}
	}
	p.Path = f.path
	p.Text = string(f.src[p.Start:p.End])
	p.Line, p.Column = f.place(p.Start)
	f.pins = append(f.pins, p)
}

// place returns the 1-based line and byte column of an offset. A lone carriage
// return ends a line, as pip has it.
func (f *finder) place(offset int) (line, column int) {
	line, begin := 1, f.base
	for i := f.base; i < offset; i++ {
		switch {
		case f.src[i] == '\n', f.src[i] == '\r' && (i+1 == len(f.src) || f.src[i+1] != '\n'):
			line++
			begin = i + 1
		}
	}
	return line, offset - begin + 1
}

// addRequirement keeps the requirement written at start to end if it is one of
// sentry-sdk, and reports whether it is. The other fields of p are taken as they are.
func (f *finder) addRequirement(start, end int, p Pin) bool {
	start, end = f.trim(start, end)
	text := unjoin(string(f.src[start:end]))
	r, ok := parseRequirement(text, p.dialect)
	if !ok {
		return false
	}
	p.Start, p.End = start, end
	p.Name, p.Extras, p.Marker = r.name, r.extras, r.marker
	p.Spec = oneLine(text[r.specStart:r.specEnd])
	if p.Note == "" {
		p.Note = obstacle(text, r)
	}
	f.add(p)
	return true
}

// escapes is the note on a requirement whose bytes are not what it reads as.
const escapes = "written with escapes: raise it by hand"

// obstacle says why a requirement has no version to be raised.
func obstacle(text string, r requirement) string {
	if r.url != "" {
		return "installed from " + r.url + ": its version is not set here"
	}
	if strings.Contains(text[:r.specEnd], `\`) {
		return escapes
	}
	return ""
}

// trim narrows a range by the white space at both ends.
func (f *finder) trim(start, end int) (int, int) {
	for start < end && isSpace(f.src[start]) {
		start++
	}
	for end > start && isSpace(f.src[end-1]) {
		end--
	}
	return start, end
}

func isSpace(c byte) bool { return isBlank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v' }
