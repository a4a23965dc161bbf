package e1000

import (
	"slices"
	"testing"
)

// No row of a family is beyond the table.
func TestEveryRowOfAFamilyIsThere(t *testing.T) {
	for id, last := range map[familyID]row{
		family82540:     noARP,
		family82546Quad: {regCTRLEXT, 0, ctrlExtRODis},
		familyI218:      {regFEXTNVM6, 0, fextnvm6ReqPLLClk},
		familyI219:      {regTARC0, tarcRequests, tarcTwoRequests},
		familyI219CNP:   sptFlush,
		familyI219TGP:   {regFFLTDBG, 0, ffltDontGate},
		familyI219MTP:   {regCTRLEXT, ctrlExtDPG, 0},
		familyI350:      noLPI,
		familyI210:      txBuffer,
		familyI225:      txBuffer,
	} {
		if !slices.Contains(families[id].rows[:], last) {
			t.Errorf("family %d lacks its last row, %+v", id, last)
		}
	}
}
