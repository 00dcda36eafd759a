package pins

// Kind says what sort of place holds a pin, and so whether it may be edited.
type Kind string

// The places. Those of the first group are edited, the others reported.
const (
	PyProject    Kind = "pyproject"    // PEP 621, PEP 735 and the tables of uv, pdm, hatch, flit, pixi
	Poetry       Kind = "poetry"       // a table of [tool.poetry]
	Pipfile      Kind = "pipfile"      // a package table of a Pipfile
	Requirements Kind = "requirements" // a line of a requirements file
	Constraints  Kind = "constraints"  // a line of a constraints file
	SetupCfg     Kind = "setup.cfg"    // a line of a setuptools list
	SetupPy      Kind = "setup.py"     // a string literal of a list
	CondaPip     Kind = "conda-pip"    // the pip section of environment.yml
	Conda        Kind = "conda"        // a conda package of environment.yml or pixi
	PreCommit    Kind = "pre-commit"   // additional_dependencies of a hook

	Compiled Kind = "compiled" // requirements written by a compiler, or with hashes
	Lock     Kind = "lock"     // a lock file
	Docker   Kind = "docker"   // an install command of a Dockerfile
	CI       Kind = "ci"       // an install command of a CI file
	Tox      Kind = "tox"      // a test environment of tox
	Odoo     Kind = "odoo"     // external_dependencies of an Odoo module
	Source   Kind = "source"   // a repository, path or URL that [tool.uv.sources] puts in the package's place
)

// editable reports whether pins of the kind are edited rather than reported.
func (k Kind) editable() bool {
	switch k {
	case Compiled, Lock, Docker, CI, Tox, Odoo, Source:
		return false
	}
	return true
}

// demands reports whether a pin of the kind says what the project itself
// needs. Hooks of pre-commit only check the code.
func (k Kind) demands() bool { return k.editable() && k != PreCommit }

// form is how a pin is written.
type form int

const (
	formRequirement form = iota // name[extras] spec; marker
	formFlow                    // the same, unquoted in a YAML flow list, where a comma ends it
	formSpec                    // the specifier alone, the value of a table's key
	formTable                   // a table without a version, which goes before its first entry; the text is empty
	formVersion                 // the version alone, in a lock
)

// Pin is one place that pins sentry-sdk.
type Pin struct {
	Path   string   // relative to the repository root, with slashes
	Line   int      // 1-based
	Column int      // 1-based, in bytes; a byte order mark is not counted
	Start  int      // byte offsets of the requirement as written,
	End    int      // without quotes, options and comments
	Text   string   // the bytes Start to End
	Name   string   // the package as spelled, such as "sentry_sdk"
	Extras []string // in order, as spelled
	Spec   string   // the version part, with single blanks, "" for none
	Marker string   // environment marker or the like, "" for none
	Kind   Kind     //
	Group  string   // the list it stands in, such as "dependency-groups.dev"
	Note   string   // why it can be neither judged nor edited, else ""
	Relock string   // for locks and compiled files: the command that writes the file anew, else ""

	form    form
	dialect dialect
}

// Change replaces the bytes Start to End of the file as it is by New.
type Change struct {
	Start int
	End   int
	New   string
}

// Verdict is what is to be done about a pin.
type Verdict int

// The verdicts. Raised, RaiseReview and NoVersion come with a change.
const (
	OK          Verdict = iota // it asks for the floor or more already
	Raised                     // the lower bound is raised
	RaiseReview                // an upper bound or an exact version has to move, or 1.x is allowed too
	NoVersion                  // it names no version and gets one
	Refuse                     // SDK 0.x or 1.x, or the abandoned 3.0.0a line: a migration of its own
	ReportOnly                 // below the floor or unreadable, and not ours to edit
)

// String returns the verdict as a word for reports and tests.
func (v Verdict) String() string {
	switch v {
	case OK:
		return "ok"
	case Raised:
		return "raise"
	case RaiseReview:
		return "review"
	case NoVersion:
		return "no-version"
	case Refuse:
		return "refuse"
	}
	return "report"
}
