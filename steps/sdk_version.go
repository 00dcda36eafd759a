package steps

import (
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps/pins"
)

// SDKVersion raises every requirement on sentry-sdk to the floor.
var SDKVersion = &Step{
	Name:  "sdk-version",
	Items: []int{1},
	Title: "require a sentry-sdk that streams spans",
	Why: "Streamed spans exist from sentry-sdk 2.62.0 on, and the spelling of options and attributes moved until 2.67.0. " +
		"The lowest release the project allows decides every spelling of the later steps.",
	Doc: "Raises the lower bound in manifests of every kind and keeps extras, markers, upper bounds, comments and order. " +
		"Lock files, compiled requirements, images and CI files are reported with the command that updates them, never edited. " +
		"Where every client leaves tracing off and nothing makes a span, the pins may stay.",
	Link: guide + "prerequisites",
	Before: `# requirements.txt
sentry-sdk[flask]>=2.40  # errors
`,
	After: `# requirements.txt
sentry-sdk[flask]>=2.67.0  # errors
`,
	Find: findSDKVersion,
}

// findSDKVersion finds every place that pins sentry-sdk below the floor. The
// floor is asked for only where the project does not demand enough already.
func findSDKVersion(p *Pass) error {
	idle := p.idle()
	for _, name := range Manifests(p.Project) {
		found, err := pins.Find(name, p.Project.Data(name))
		if err != nil {
			p.ReportFile(name, 0, 0, "manifest", Finding{Message: "this manifest cannot be read: " + err.Error(), Tier: Manual, Note: true})
			continue
		}
		for _, pin := range found {
			if idle {
				p.untraced(pin)
			} else {
				p.pin(pin)
			}
		}
	}
	return nil
}

// untraced says of a pin that nothing of the project asks for more.
func (p *Pass) untraced(pin pins.Pin) {
	switch _, verdict, message := pins.Raise(pin, p.Floor.String()); verdict {
	case pins.Refuse:
		p.ReportFile(pin.Path, pin.Start, pin.End, "pin", Finding{Message: message, Tier: Manual, Shape: string(pin.Kind) + ", " + verdict.String()})
	case pins.Raised, pins.NoVersion, pins.RaiseReview:
		p.ReportFile(pin.Path, pin.Start, pin.End, "pin", Finding{Tier: Manual, Note: true, Shape: string(pin.Kind) + ", untraced",
			Message: "no client turns tracing on, so this may stay; streamed spans need " + p.Floor.String() + " or more"})
	}
}

func (p *Pass) pin(pin pins.Pin) {
	floor, ok := p.askFloor()
	least := floor.String()
	if floor.AtLeast(R3_0_0) {
		least = "3.0.0b2" // no later release of 3.0 is out; the one before rejects trace_lifecycle
	}
	change, verdict, message := pins.Raise(pin, least)
	f := Finding{Message: message, Shape: string(pin.Kind) + ", " + verdict.String()}
	switch verdict {
	case pins.OK:
		return
	case pins.Raised, pins.NoVersion:
		f.Tier = Safe
	case pins.RaiseReview:
		f.Tier = Review
	case pins.Refuse:
		f.Tier = Manual
	default:
		f.Tier, f.Note = Manual, true
		if pin.Relock != "" && !strings.Contains(message, pin.Relock) {
			f.Message += "; update it with: " + pin.Relock
		}
	}
	switch {
	case !ok && f.Tier != Manual:
		f.Message += " (waits for an answer)"
	case f.Tier != Manual:
		f.Edits = []rewrite.Edit{{Start: change.Start, End: change.End, New: change.New}}
	}
	p.ReportFile(pin.Path, pin.Start, pin.End, "pin", f)
}

// askFloor asks which releases the project will go on to allow. A project that
// demands the recommended release already is not asked.
func (p *Pass) askFloor() (Release, bool) {
	recommended := p.world.recommendedFloor()
	demanded, known := p.world.demandedRelease()
	if known && demanded.AtLeast(recommended) {
		return demanded, true
	}
	q := Question{ID: FloorQuestion, Prompt: "Which sentry-sdk should the project require at least?", Free: true,
		Why: "It decides how options and attributes are spelled, and whether the result runs on 3.0 as it is."}
	for _, o := range floorOptions {
		r, err := ParseRelease(o.ID)
		if err != nil || known && demanded.AtLeast(r) && demanded != r {
			continue
		}
		o.Recommended = r == recommended
		q.Options = append(q.Options, o)
	}
	answer, ok := p.Ask(q)
	if !ok {
		return recommended, false
	}
	r, err := ParseRelease(answer)
	if err != nil {
		return recommended, false
	}
	if known && demanded.AtLeast(r) {
		return demanded, true
	}
	return r, true
}

var floorOptions = []Option{
	{ID: "2.62.0", Text: "2.62.0, the guide's minimum", Consequence: "options under _experiments, samplers in a shape that 2.66.1 took back; the result does not run on 3.0"},
	{ID: "2.66.1", Text: "2.66.1", Consequence: "option names, sampler input and source attribute as documented today; filters do not run on 3.0"},
	{ID: "2.67.0", Text: "2.67.0", Consequence: "every option at the top level; the lowest release whose code also runs on 3.0"},
	{ID: "2.69.2", Text: "2.69.2", Consequence: "as 2.67.0, and functions_to_trace works again"},
	{ID: "2.70.0", Text: "2.70.0", Consequence: "as 2.67.0, and send_default_pii has its successor data_collection"},
}
