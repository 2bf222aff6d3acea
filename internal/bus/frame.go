package bus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A message is: version byte ‖ CRC-32C (big endian) of all that follows ‖ records,
// each as uvarint length ‖ bytes. The checksum is ours although JetStream has its
// own, because a message may have crossed a cluster that we do not run.
const (
	frameVersion = 1
	frameHeader  = 1 + 4

	maxGroupRecords = 256
	maxGroupBytes   = 256 << 10

	// MaxRecord is the largest record that fits a message of its own.
	MaxRecord = maxGroupBytes - frameHeader - 3
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errFrame = errors.New("bus: damaged message")

// appendRecord adds one record to an unsealed frame.
func appendRecord(frame, record []byte) []byte {
	frame = binary.AppendUvarint(frame, uint64(len(record)))
	return append(frame, record...)
}

// sealFrame writes version and checksum into the header that frame was begun with.
func sealFrame(frame []byte) []byte {
	frame[0] = frameVersion
	binary.BigEndian.PutUint32(frame[1:], crc32.Checksum(frame[frameHeader:], castagnoli))
	return frame
}

// openFrame gives the records of a sealed frame; they share its memory.
func openFrame(frame []byte) ([][]byte, error) {
	if len(frame) < frameHeader {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, len(frame))
	}
	if frame[0] != frameVersion {
		return nil, fmt.Errorf("%w: unknown version %d", errFrame, frame[0])
	}
	body := frame[frameHeader:]
	if binary.BigEndian.Uint32(frame[1:]) != crc32.Checksum(body, castagnoli) {
		return nil, fmt.Errorf("%w: checksum differs", errFrame)
	}
	return splitRecords(body)
}

func splitRecords(body []byte) ([][]byte, error) {
	records := make([][]byte, 0, min(maxGroupRecords, len(body)/2+1))
	for len(body) > 0 {
		n, w := binary.Uvarint(body)
		if w <= 0 || n > uint64(len(body)-w) {
			return nil, fmt.Errorf("%w: record %d is cut off", errFrame, len(records))
		}
		end := w + int(n)
		records = append(records, body[w:end:end])
		body = body[end:]
	}
	return records, nil
}
