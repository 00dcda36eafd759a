package wizard

import (
	"bytes"
	"fmt"
)

// ReportRemark is something to know, or a command to run, for which no place is
// left open.
type ReportRemark struct {
	ReportPlace     // the first of its places
	More        int // how many others there are
}

// remarked adds what is said of a place to a list; what is said of several
// places is one.
func remarked(list []ReportRemark, p ReportPlace) []ReportRemark {
	for i := range list {
		if list[i].Step == p.Step && list[i].Message == p.Message {
			list[i].More++
			return list
		}
	}
	return append(list, ReportRemark{ReportPlace: p})
}

// Text is what is said, and of how many places beside the first.
func (r ReportRemark) Text() string {
	text := r.Step + ": " + r.Message
	if r.More > 0 {
		text += " (and " + count(r.More, "more place") + ")"
	}
	return text
}

// writeRemarks writes a section with remarks, nothing for an empty list.
func writeRemarks(b *bytes.Buffer, title, why string, list []ReportRemark) {
	if len(list) == 0 {
		return
	}
	heading(b, title)
	b.WriteString(why)
	for _, m := range list {
		fmt.Fprintf(b, "- %s %s\n", code(m.Position()), markdown(m.Text()))
	}
}
