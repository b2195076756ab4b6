package policies

import (
	"slices"
	"strconv"
)

// SpeechUnit is what characters that are spoken are rounded up to: units.xml and refusal.xml have it as a number.
const SpeechUnit = 100

// exactUnits is the largest n of images (OpenAI API reference: Images), so that images are never rounded.
const exactUnits = 10

// unitSteps are what a call can count: images, megabytes, or hundreds of characters. Above exactUnits a step is at most a quarter larger than
// the one before, and a whole limit is one, so that every call below a limit has a step. There is always one, because a choose without a when
// is no policy.
func (f Facts) unitSteps() []string {
	largest, units := 1, []int{1}
	for _, p := range f.Products {
		for _, limit := range []int{p.ImagesPerMinute, p.SpeechCharactersPerMinute / SpeechUnit, p.AudioMegabytesPerMinute} {
			if limit > 0 {
				largest, units = max(largest, limit), append(units, limit)
			}
		}
	}
	for step := 2; step < largest; step++ {
		units = append(units, step)
		if step >= exactUnits {
			step += step/4 - 1
		}
	}
	slices.Sort(units)
	var texts []string
	for _, n := range slices.Compact(units) {
		texts = append(texts, strconv.Itoa(n))
	}
	return texts
}
