package queries

// Meter is what a resource that is no model costs: by the hour or month, or by what passes through it.
type Meter struct {
	Meter string `json:"meter"`
	// Per is what the price is for: an hour, a GB.
	Per    string        `json:"per"`
	Prices []RegionPrice `json:"prices"`
	// Unknown is why there is no price; empty when there is one.
	Unknown string `json:"unknown"`
}

// RegionPrice is the price of a region.
type RegionPrice struct {
	// Region is unstated where the source names none.
	Region string  `json:"region"`
	Price  float64 `json:"price"`
	Source string  `json:"source"`
}

// Meter gives the meter of a name, and false when the list does not have it.
func (l PriceList) Meter(name string) (Meter, bool) {
	for _, m := range l.Meters {
		if m.Meter == name {
			return m, true
		}
	}
	return Meter{}, false
}

// Model gives the price of a model, and false when the list does not have it.
func (l PriceList) Model(name string) (Price, bool) {
	for _, p := range l.Models {
		if p.Model == name {
			return p, true
		}
	}
	return Price{}, false
}

// In gives the price of a region. Where it is not known, that of the dearest known one: a sum is then too high, not too low.
func (m Meter) In(region string) (RegionPrice, bool) {
	var best RegionPrice
	for _, p := range m.Prices {
		if p.Region == region {
			return p, true
		}
		if p.Price > best.Price {
			best = p
		}
	}
	return best, len(m.Prices) > 0
}
