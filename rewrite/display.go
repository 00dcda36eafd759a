package rewrite

// EditDisplay starts a change of a dictionary, list, set or tuple display. Its
// entries are added, replaced and removed like the arguments of a call, for an
// entry see [Entry].
func EditDisplay(display *Node) *CallEdit {
	list := *display
	list.Field = "arguments"
	nameless := &Node{Kind: "identifier", Field: "function", Start: display.Start, End: display.Start, File: display.File}
	call := &Node{Kind: "call", Start: display.Start, End: display.End, Parent: display.Parent, File: display.File,
		Children: []*Node{nameless, &list}}
	return EditCall(call)
}

// Entry wraps an entry of a display for the methods of [CallEdit].
func Entry(n *Node) Arg { return Arg{Node: n, Value: n} }
