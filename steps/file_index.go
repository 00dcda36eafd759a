package steps

import (
	"bytes"
	"slices"

	"spanwalk/rewrite"
)

// fileIndex is what a world takes from one file. It rests on nothing outside
// the file and holds for as long as the file does not change.
type fileIndex struct {
	file      *rewrite.File
	calls     []*rewrite.Node
	functions []*rewrite.Node
	attrs     map[string][]*rewrite.Node    // attribute name -> attribute expressions
	refs      map[variable][]*rewrite.Node  // identifiers by the variable they mean
	methods   []string                      // names of methods, as often as they are defined
	sites     []callSite                    // of calls, those that may run a function of the project
	handing   []*rewrite.Node               // calls that may hand a function over
	imports   []*rewrite.Node               // import statements
	entered   []*rewrite.Node               // values that a "with" enters, a call of __enter__() or an exit stack
	texts     []*rewrite.Node               // strings in annotations
	sdk       bool                          // an import statement names the SDK
	taken     map[string][]*rewrite.Binding // what the module imports from elsewhere than the SDK, by the last component of its name there
	outward   []*outward
	roots     map[variable]*outward // of outward; nil for variables that stay in the file

	sendsPII, tracesFunctions bool // options stand in it that decide about the floor
}

// callSite is a call that may run a function of the project.
type callSite struct {
	call   *rewrite.Node
	method string        // the last component of an attribute that is called, or ""
	open   bool          // what is called may be told only by other files
	name   rewrite.Name  // what is called, where that is not open
	lambda *rewrite.Node // what a called name was assigned
}

// outward is a variable that an import binds, or an alias of one: what it means
// may lie outside the file.
type outward struct {
	root *rewrite.Node   // one of its uses
	uses []*rewrite.Node // names and attributes that begin with it, in source order, imports left out
}

// derivedIndex and derivedNames are keys of what is derived from a file.
type (
	derivedIndex struct{}
	derivedNames struct{}
)

// indexOf returns the index of a file, which it makes once.
func indexOf(p *rewrite.Project, f *rewrite.File) *fileIndex {
	return f.Derive(derivedIndex{}, func() any { return newFileIndex(p, f) }).(*fileIndex)
}

func newFileIndex(p *rewrite.Project, f *rewrite.File) *fileIndex {
	x := &fileIndex{file: f, attrs: map[string][]*rewrite.Node{}, refs: map[variable][]*rewrite.Node{}, taken: map[string][]*rewrite.Binding{}, roots: map[variable]*outward{},
		sendsPII: bytes.Contains(f.Source, []byte("send_default_pii")), tracesFunctions: bytes.Contains(f.Source, []byte("functions_to_trace"))}
	x.visit(f.Module, false)
	for _, c := range x.calls {
		x.site(p, c)
	}
	for _, list := range f.ModuleScope().Names {
		for _, b := range list {
			if b.Kind == rewrite.Import && (b.Level > 0 || !isSDK(b.Target)) {
				x.taken[lastName(b.Target)] = append(x.taken[lastName(b.Target)], b)
			}
		}
	}
	return x
}

func (x *fileIndex) visit(n *rewrite.Node, imports bool) {
	switch n.Kind {
	case "import_statement", "import_from_statement":
		imports = true
		x.imports = append(x.imports, n)
		for _, b := range x.file.BoundBy(n) {
			x.sdk = x.sdk || isSDK(b.Target)
		}
	case "call":
		x.calls = append(x.calls, n)
		if list := n.Child("arguments"); len(list.Children) == 1 && entersArgument(list.Children[0]) {
			x.entered = append(x.entered, n.Args()[0].Value)
		}
	case "with_item":
		v := n.Child("value")
		if v.Is("as_pattern") {
			v = v.Children[0]
		}
		x.entered = append(x.entered, v)
	case "string":
		if n.Ancestor("type") != nil {
			x.texts = append(x.texts, n)
		}
	case "attribute":
		name := n.Child("attribute").Text()
		x.attrs[name] = append(x.attrs[name], n)
		if isEnter(n) {
			x.entered = append(x.entered, n.Child("object"))
		}
	case "function_definition":
		x.functions = append(x.functions, n)
		if n.Class() != nil {
			x.methods = append(x.methods, n.Child("name").Text())
		}
	case "identifier":
		x.identifier(n, imports)
	}
	for _, c := range n.Children {
		x.visit(c, imports)
	}
}

// identifier notes what an identifier means, and what begins with it where that
// may lie outside the file.
func (x *fileIndex) identifier(n *rewrite.Node, imports bool) {
	if n.Field == "attribute" || n.Field == "name" && n.Parent.Is("keyword_argument") || n.Parent.Is("keyword_pattern") && n == n.Parent.Children[0] {
		return
	}
	scope, bindings := x.file.ScopeOf(n).Lookup(n.Text())
	v := variable{scope, n.Text()}
	if scope != nil {
		x.refs[v] = append(x.refs[v], n)
	}
	o, known := x.roots[v]
	if !known {
		if scope == nil && len(x.file.ModuleScope().Stars) > 0 || leavesFile(bindings) {
			o = &outward{root: n}
			x.outward = append(x.outward, o)
		}
		x.roots[v] = o
	}
	if o == nil || imports {
		return
	}
	o.uses = append(o.uses, n)
	for m := n; ; {
		up := m.Parent
		for up.Is("parenthesized_expression") {
			m, up = up, up.Parent
		}
		if !up.Is("attribute") || m.Field != "object" {
			return
		}
		o.uses = append(o.uses, up)
		m = up
	}
}

// rootOf returns what an attribute chain begins with.
func rootOf(n *rewrite.Node) *rewrite.Node {
	for n = n.Inner(); n.Is("attribute"); n = n.Child("object").Inner() {
	}
	return n
}

// leavesFile reports whether a binding is an import or another name's alias.
func leavesFile(bindings []*rewrite.Binding) bool {
	for _, b := range bindings {
		if b.Kind == rewrite.Import || b.Kind == rewrite.Assign && b.Value.Is("identifier", "attribute") {
			return true
		}
	}
	return false
}

func (x *fileIndex) site(p *rewrite.Project, c *rewrite.Node) {
	fn := c.Child("function")
	s := callSite{call: c}
	if root := rootOf(fn); root.Is("identifier") {
		scope, bindings := x.file.ScopeOf(root).Lookup(root.Text())
		s.open = x.roots[variable{scope, root.Text()}] != nil || slices.ContainsFunc(bindings, defines)
		if root == fn {
			s.lambda = lambdaIn(bindings)
		}
	}
	last := fn
	if fn.Is("attribute") {
		last = fn.Child("attribute")
		s.method = last.Text()
	}
	if handsOver(last.Text()) {
		x.handing = append(x.handing, c)
	}
	if !s.open {
		s.name = p.Name(fn)
	}
	if s.open || s.method != "" || s.lambda != nil || s.name.Known() {
		x.sites = append(x.sites, s)
	}
}

// defines reports a def or class: what a class inherits may lie outside.
func defines(b *rewrite.Binding) bool { return b.Kind == rewrite.Def || b.Kind == rewrite.ClassDef }
