package wire

import "encoding/binary"

// ItemKind is what an item of a sealed datagram is.
type ItemKind uint8

// The kinds of items. A reader passes over those it does not know.
const (
	// ItemRecord is a record.
	ItemRecord ItemKind = 1
	// ItemHeldBack is numbers of records that the sender keeps back on purpose (its level filter).
	ItemHeldBack ItemKind = 2
	// ItemGone is numbers of records that the sender does not have any more.
	ItemGone ItemKind = 3
	// ItemLastWords is the text of a headline without a number, of a sender whose report failed.
	ItemLastWords ItemKind = 4
	// ItemProof is a session as in Status.Proof, of another log host: a sender may have several.
	ItemProof ItemKind = 5
)

// Item is one thing that a sealed datagram says.
type Item struct {
	Kind ItemKind
	// Record is that of ItemRecord; of ItemLastWords it has the text. Views over the datagram.
	Record Record
	// First and Last are the numbers of ItemHeldBack and ItemGone, both included.
	First, Last uint64
	// Proof is the session of ItemProof.
	Proof [BootSize]byte
}

const (
	itemHeader   = 3  // kind, length of what follows
	recordFields = 20 // prefix, flags, number, time, length of the text
	spanFields   = 16

	flagCont = 1

	// maxFacility is the largest facility that fits beside a level.
	maxFacility = 31
)

// RecordOverhead is what the item of a record has besides text and dictionary, in bytes.
const RecordOverhead = itemHeader + recordFields

// RecordItemSize is the bytes that AppendRecordItem appends.
func RecordItemSize(r *Record) int { return RecordOverhead + len(r.Text) + len(r.Dict) }

// AppendRecordItem appends a record. Text and dictionary together have 60 KiB of room; Skip does not
// travel, see AppendSpanItem.
func AppendRecordItem(dst []byte, r *Record) []byte {
	flags := byte(0)
	if r.Cont {
		flags = flagCont
	}
	dst = appendItemHeader(dst, ItemRecord, recordFields+len(r.Text)+len(r.Dict))
	dst = append(dst, min(r.Facility, maxFacility)<<3|r.Level&7, flags)
	dst = binary.BigEndian.AppendUint64(dst, r.Seq)
	dst = binary.BigEndian.AppendUint64(dst, r.Time)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Text)))
	dst = append(dst, r.Text...)
	return append(dst, r.Dict...)
}

// SpanItemSize is the bytes that AppendSpanItem appends.
const SpanItemSize = itemHeader + spanFields

// AppendSpanItem appends the numbers first to last as ItemHeldBack or ItemGone.
func AppendSpanItem(dst []byte, kind ItemKind, first, last uint64) []byte {
	dst = appendItemHeader(dst, kind, spanFields)
	dst = binary.BigEndian.AppendUint64(dst, first)
	return binary.BigEndian.AppendUint64(dst, last)
}

// AppendLastWordsItem appends the text of a headline that has no number.
func AppendLastWordsItem(dst, text []byte) []byte {
	return append(appendItemHeader(dst, ItemLastWords, len(text)), text...)
}

// ProofItemSize is the bytes that AppendProofItem appends.
const ProofItemSize = itemHeader + BootSize

// AppendProofItem appends the session of a log host.
func AppendProofItem(dst []byte, session *[BootSize]byte) []byte {
	return append(appendItemHeader(dst, ItemProof, BootSize), session[:]...)
}

func appendItemHeader(dst []byte, kind ItemKind, length int) []byte {
	return append(dst, byte(kind), byte(length>>8), byte(length))
}

// NextItem reads the first of items and returns what is behind it. Items of unknown kinds come with
// nothing but their kind. The error is ErrSealedForm; then nothing more can be read.
func NextItem(items []byte) (i Item, rest []byte, err error) {
	if len(items) < itemHeader {
		return i, nil, ErrSealedForm
	}
	length := int(binary.BigEndian.Uint16(items[1:]))
	if length > len(items)-itemHeader {
		return i, nil, ErrSealedForm
	}
	i.Kind = ItemKind(items[0])
	body, rest := items[itemHeader:itemHeader+length], items[itemHeader+length:]
	switch i.Kind {
	case ItemRecord:
		if length < recordFields {
			return i, nil, ErrSealedForm
		}
		r := &i.Record
		r.Facility, r.Level = body[0]>>3, body[0]&7
		r.Cont = body[1]&flagCont != 0
		r.Seq = binary.BigEndian.Uint64(body[2:])
		r.Time = binary.BigEndian.Uint64(body[10:])
		text := int(binary.BigEndian.Uint16(body[18:]))
		if body = body[recordFields:]; text > len(body) {
			return i, nil, ErrSealedForm
		}
		r.Text, r.Dict = body[:text:text], body[text:]
	case ItemHeldBack, ItemGone:
		if length < spanFields {
			return i, nil, ErrSealedForm
		}
		i.First = binary.BigEndian.Uint64(body)
		i.Last = binary.BigEndian.Uint64(body[8:])
		if i.First > i.Last {
			return i, nil, ErrSealedForm
		}
	case ItemLastWords:
		i.Record.Text = body
	case ItemProof:
		if length < BootSize {
			return i, nil, ErrSealedForm
		}
		i.Proof = [BootSize]byte(body)
	}
	return i, rest, nil
}
