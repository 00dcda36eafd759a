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

// remark adds a note about a place; what is said of several places is one.
func (r *Report) remark(p ReportPlace) {
	for i := range r.Remarks {
		if r.Remarks[i].Step == p.Step && r.Remarks[i].Message == p.Message {
			r.Remarks[i].More++
			return
		}
	}
	r.Remarks = append(r.Remarks, ReportRemark{ReportPlace: p})
}

// Text is what is said, and of how many places beside the first.
func (r ReportRemark) Text() string {
	text := r.Step + ": " + r.Message
	if r.More > 0 {
		text += " (and " + count(r.More, "more place") + ")"
	}
	return text
}

func (r *Report) writeRemarks(b *bytes.Buffer) {
	if len(r.Remarks) == 0 {
		return
	}
	heading(b, "Remarks")
	for _, m := range r.Remarks {
		fmt.Fprintf(b, "- %s %s\n", code(m.Position()), markdown(m.Text()))
	}
}
