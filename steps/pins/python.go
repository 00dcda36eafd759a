package pins

import (
	"path"
	"regexp"
	"strings"
)

var (
	requiringName = regexp.MustCompile(`(?i)requir|depend|\bdeps?\b|_deps?|deps_|extra|install`)
	foreignName   = regexp.MustCompile(`(?i)^(.*\.)?(name|packages?|py_modules|package_data|package_dir|find_packages|` +
		`find_namespace_packages|namespace_packages|keywords|entry_points|provides|ext_modules|scripts|classifiers|` +
		`description|long_description|version|url|author|license|import_module|__import__|obsoletes)$`)
)

// pyFrame is an open bracket of Python source: the name called, if it is a
// call, and the last "name =" or "key:" inside.
type pyFrame struct {
	open   byte
	callee string
	key    string
}

// notCallee are the words after which a bracket opens a list.
var notCallee = regexp.MustCompile(`^(return|yield|else|or|and|lambda)$`)

// python reads the string literals of setup.py that are requirements. Nothing
// is run: a string put together from parts is reported.
func (f *finder) python() error {
	kind := SetupPy
	if path.Base(f.path) != "setup.py" {
		kind = Odoo
	}
	tokens := scanPython(f.src, f.base)
	frames := []pyFrame{{}}
	for i, t := range tokens {
		top := &frames[len(frames)-1]
		switch {
		case t.str:
			f.literal(tokens, i, frames, kind)
		case t.text == "(" || t.text == "[" || t.text == "{":
			frames = append(frames, openFrame(tokens, i))
		case t.text == ")" || t.text == "]" || t.text == "}":
			if len(frames) > 1 {
				frames = frames[:len(frames)-1]
			}
		case t.text == "=" && !compared(tokens, i), t.text == ":":
			top.key = keyBefore(tokens, i)
		case t.text == "\n" && len(frames) == 1:
			top.key = ""
		}
	}
	return nil
}

// openFrame describes the bracket at i: a call has a name before it.
func openFrame(tokens []pyToken, i int) pyFrame {
	frame := pyFrame{open: tokens[i].text[0]}
	if callee := dottedBefore(tokens, i); !notCallee.MatchString(callee) {
		frame.callee = callee
	}
	return frame
}

// dottedBefore returns the dotted name that ends before token i, "" for none.
func dottedBefore(tokens []pyToken, i int) string {
	name := ""
	for i--; i >= 0 && tokens[i].name; i -= 2 {
		name = tokens[i].text + name
		if i == 0 || tokens[i-1].text != "." {
			return name
		}
		name = "." + name
	}
	return strings.TrimPrefix(name, ".")
}

// compared reports whether the "=" at i belongs to a comparison.
func compared(tokens []pyToken, i int) bool {
	near := ""
	if i > 0 && !tokens[i-1].str {
		near = tokens[i-1].text
	}
	return near == "=" || near == "!" || near == "<" || near == ">" || after(tokens, i) == "="
}

// keyBefore returns the name or string before "=" or ":". Have: "name =",
// "name +=", `extras["key"] =`, `"key":`.
func keyBefore(tokens []pyToken, i int) string {
	i--
	if i >= 0 && tokens[i].text == "+" {
		i--
	}
	switch {
	case i < 0:
		return ""
	case tokens[i].str:
		return tokens[i].text
	case tokens[i].text == "]":
		for i > 0 && tokens[i].text != "[" {
			i--
		}
	}
	if tokens[i].name {
		return dottedBefore(tokens, i+1)
	}
	return dottedBefore(tokens, i)
}

// literal adds the requirements a string literal holds: one, or one a line
// where a block of text is given to a list of requirements.
func (f *finder) literal(tokens []pyToken, i int, frames []pyFrame, kind Kind) {
	t := tokens[i]
	if !mention.MatchString(t.text) || after(tokens, i) == ":" && frames[len(frames)-1].open == '{' {
		return
	}
	owner, wanted, ok := ownerOf(frames)
	if !ok {
		return
	}
	p := Pin{Kind: kind, Group: owner}
	if strings.ContainsAny(t.text, "\r\n") {
		if wanted {
			f.block(t, p)
		}
		return
	}
	if p.Note = composed(tokens, i); p.Note != "" {
		f.addComposed(t, p)
		return
	}
	r, isRequirement := parseRequirement(strings.TrimSpace(t.text), pep440)
	bare := isRequirement && r.specStart == r.specEnd && r.url == "" && len(r.extras) == 0
	inList := len(frames) > 1 && frames[len(frames)-1].callee == ""
	if bare && !wanted && (!inList || strings.Contains(r.name, "_")) {
		// A name alone may be a module's or the package's own.
		return
	}
	f.addRequirement(t.start, t.end, p)
}

// ownerOf joins the names around a literal, from the outside. The first that
// speaks of requirements makes it wanted; the first that speaks of something
// else, such as "packages", makes it not ok.
func ownerOf(frames []pyFrame) (owner string, wanted, ok bool) {
	var names []string
	for _, frame := range frames {
		if frame.callee != "" {
			names = append(names, frame.callee)
		}
		if frame.key != "" {
			names = append(names, frame.key)
		}
	}
	owner = strings.Join(names, ".")
	for _, name := range names {
		switch {
		case requiringName.MatchString(name):
			return owner, true, true
		case foreignName.MatchString(name):
			return owner, false, false
		}
	}
	return owner, false, true
}

// block adds the lines of a triple-quoted list.
func (f *finder) block(t pyToken, p Pin) {
	for at := t.start; at < t.end; {
		end, next := lineEnd(f.src[:t.end], at)
		if i := commentStart(f.src[at:end]); i >= 0 {
			end = at + i
		}
		f.addRequirement(at, end, p)
		at = next
	}
}

// composed says how a literal is only a part of a string, "" if it is whole.
func composed(tokens []pyToken, i int) string {
	before, behind := "", after(tokens, i)
	if i > 0 {
		before = tokens[i-1].text
		if tokens[i-1].str {
			before = "+"
		}
	}
	if i+1 < len(tokens) && tokens[i+1].str {
		behind = "+"
	}
	switch {
	case tokens[i].format:
		return "an f-string: raise it by hand"
	case before == "+" && i > 1 && !closes(tokens[i-2]), behind == "+", behind == "%", behind == ".":
		return "put together from parts: raise it by hand"
	}
	return ""
}

// closes reports whether a token ends a list, which "+" then joins.
func closes(t pyToken) bool { return t.text == "]" || t.text == ")" }

// after returns the text of the token behind i, "" at the end.
func after(tokens []pyToken, i int) string {
	if i+1 < len(tokens) && !tokens[i+1].str {
		return tokens[i+1].text
	}
	return ""
}

// addComposed adds a literal that begins with the package's name.
func (f *finder) addComposed(t pyToken, p Pin) {
	name := requirementName.FindString(t.text)
	if !isSDK(name) {
		return
	}
	p.Start, p.End, p.Name = t.start, t.end, name
	f.add(p)
}
