package browser

// Visit is a page as somebody opens it.
type Visit struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	// Dark and Print are what the page's style asks for.
	Dark  bool `json:"dark"`
	Print bool `json:"print"`
	// Axe runs axe-core on the page with everything unfolded. The page's content security policy has to be off for that, so that what it
	// stops is found by visits without.
	Axe bool `json:"axe"`
	// Keyboard walks through the page by the tabulator key.
	Keyboard bool `json:"keyboard"`
	// Do is done on the page before anything is looked at.
	Do []Step `json:"do"`
	// Screenshot is the PNG to write; Whole takes the page down to its end, and Scale is the number of dots for each pixel.
	Screenshot string  `json:"screenshot"`
	Whole      bool    `json:"whole"`
	Scale      float64 `json:"scale"`
}

// Step is something that a person does. One of its parts is set.
type Step struct {
	// Click is the selector of what is clicked.
	Click string `json:"click,omitempty"`
	// Fill is the selector of what gets the text With, or of a list whose option With is chosen.
	Fill string `json:"fill,omitempty"`
	With string `json:"with,omitempty"`
	// Until is a text that the page has to show before the next step.
	Until string `json:"until,omitempty"`
}

// Seen is what came of a visit.
type Seen struct {
	// Problems are errors and warnings of the console, of scripts and of requests.
	Problems []string `json:"problems"`
	// Requests are the addresses that were asked for besides the page itself.
	Requests []string `json:"requests"`
	// Overflow is by how many pixels the page is wider than the window, Wide what sticks out.
	Overflow int      `json:"overflow"`
	Wide     []string `json:"wide"`
	// First is the text of what can be read without scrolling: headings, failures and names of figures.
	First []string `json:"first"`
	// Text is all text of the page, after Do.
	Text string `json:"text"`
	// Height is that of the whole page, in pixels.
	Height int `json:"height"`
	// Boxes is how many boxes the drawing has, Overlaps what lies on each other in it or leaves its box.
	Boxes    int      `json:"boxes"`
	Overlaps []string `json:"overlaps"`
	Charts   []Chart  `json:"charts"`
	// Holes are places without the data that belongs there.
	Holes []string `json:"holes"`
	// Unreached are what a keyboard does not reach, or reaches without a visible focus.
	Unreached []string `json:"unreached"`
	// Reached is how many elements a keyboard reaches.
	Reached int `json:"reached"`
	// Violations are what axe-core finds, Rules how many of its rules had something to check.
	Violations []string `json:"violations"`
	Rules      int      `json:"rules"`
}

// Chart is one chart of a page.
type Chart struct {
	Title string `json:"title"`
	Lines int    `json:"lines"`
	// Wrong are labels and lines that lie on each other, leave the chart or are too small.
	Wrong []string `json:"wrong"`
}
