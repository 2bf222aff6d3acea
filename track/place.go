package track

import (
	"cmp"
	"maps"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/track/order"
)

// Labels that say what an order does not: a link or an address may carry them.
const (
	labelDevice  = "device"
	labelChannel = "channel"
)

// place notes where the order comes from and its custom fields, on a new row or on
// what is there, and reports whether it is another place than before, and whether any
// of it is other. What a message does not say stays; of what two say the word of
// the one that edits counts.
func (m message) place(set *ent.ConversionMutation, row *ent.Conversion) (moved, changed bool) {
	if row == nil {
		row, m.word = &ent.Conversion{Device: conversion.DeviceUNKNOWN}, order.Edits
	}
	labels := m.labels(row)
	later := m.word == order.Edits
	word := func(has, says string) string {
		if later {
			return cmp.Or(says, has)
		}
		return cmp.Or(has, says)
	}
	country, device := word(row.Country, m.Country), conversion.Device(word(deviceOf(row), string(m.device(labels))))
	channel := word(row.Channel, cmp.Or(m.Channel, labels[labelChannel]))
	if country != row.Country {
		set.SetCountry(country)
		moved = true
	}
	if device != "" && device != row.Device {
		set.SetDevice(device)
		moved = true
	}
	if channel != row.Channel {
		set.SetChannel(channel)
		moved = true
	}
	order := placeFields(row.Fields, m.Fields, later, set.SetFields)
	buyer := placeFields(row.CustomerFields, m.Customer.Fields, later, set.SetCustomerFields)
	return moved, moved || order || buyer
}

// device is what the order says, or else its labels.
func (m message) device(labels map[string]string) order.Device {
	if m.Device != order.DeviceUnknown {
		return m.Device
	}
	if d := order.Device(strings.ToUpper(labels[labelDevice])); d.Known() {
		return d
	}
	return order.DeviceUnknown
}

func deviceOf(row *ent.Conversion) string {
	if row.Device == conversion.DeviceUNKNOWN {
		return ""
	}
	return string(row.Device)
}

// placeFields takes over a message's custom fields as a whole.
func placeFields(has map[string]string, says []facts.Field, later bool, set func(map[string]string)) bool {
	packed := facts.Pack(says)
	if len(packed) == 0 || maps.Equal(has, packed) || len(has) > 0 && !later {
		return false
	}
	set(packed)
	return true
}
