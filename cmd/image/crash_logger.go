//go:build tamago

package main

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"gasp/board/machine"
	"gasp/netlog"
)

// Death inside the logger, and what makes its crash path work hard.
var loggerClasses = []class{
	{"write", "stopped inside Write, the ring half written", func() { stopInside(writeFunctions...) }},
	{"sender", "stopped inside the sender", func() { stopInside(either(encodeFunctions, sealFunctions)...) }},
	{"logging", "the crash path logs", logInCrash},
	{"crash-headline", "stopped while the headline is made", func() { stopInCrash(either(headlineFunctions, sealedHeadlineFunctions)...) }},
	{"crash-body", "stopped while the report is sent", func() { stopInCrash(either(reportFunctions, sealedReportFunctions)...) }},
	{"crash-driver", "stopped while the device is taken over", func() { stopInCrash(ofDriver(takeOverFunctions)...) }},
	{"crash-hang", "the report hangs, once", hangInCrash},
	{"goroutines", "panic among 10,000 goroutines", amongGoroutines},
	{"message", "panic with a message of 1 MB", longMessage},
	{atOnce, "panic at once, before an address is resolved", panicAtOnce},
}

var (
	writeFunctions = []string{logger + "emitRecord", logger + "emitInTurn", logger + "writeLines", logger + "emitPart", logger + "store",
		"gasp/netlog.(*ring).reserve", "gasp/netlog.(*ring).claim", "gasp/netlog.(*ring).fill", "gasp/netlog.(*ring).commit"}
	encodeFunctions = []string{logger + "emitRecord", "gasp/netlog.(*sender).putHead", "gasp/netlog.(*template).finish", logger + "sendBatch",
		"gasp/netlog.(*sender).putRecord", "gasp/netlog.(*sender).encode", "gasp/netlog.(*sender).piece", "gasp/netlog.(*template).complete"}
	reportFunctions = []string{logger + "reportPart", logger + "finishPart", logger + "sendRecordFrom", logger + "sendMessage", logger + "transmitNow", logger + "reportText",
		logger + "payDebts", logger + "reportEnd", logger + "sendEnd"}
	headlineFunctions = []string{logger + "reportHeadline", logger + "sendHeadline", logger + "sendRecordFrom"}

	// What a logger that seals has in their places.
	sealFunctions = []string{logger + "sendSealed", logger + "prepareRecords", logger + "gatherFrom", logger + "gather", logger + "fate",
		logger + "seal", "gasp/netlog/wire.(*Sealer).Seal", logger + "handSealed", logger + "giveSealed", logger + "handedSealed"}
	sealedReportFunctions = []string{logger + "reportPart", logger + "finishPart", logger + "addToBatch", logger + "pump", logger + "pumpOne",
		logger + "seal", logger + "transmitSealed", logger + "transmitNow", logger + "reportText", logger + "payDebts", logger + "reportEnd",
		logger + "sendEnd", logger + "mendReport", logger + "tendDead", logger + "answerDead", logger + "prepareEmpty"}
	sealedHeadlineFunctions = append([]string{logger + "sendSealedHeadline", logger + "seal"}, headlineFunctions...)
)

// either chooses by how the logger sends.
func either(plain, sealed []string) []string {
	if netlog.Default().Stats().Sealed {
		return sealed
	}
	return plain
}

func panicAtOnce() { panic("before anything else") }

// inClock keeps the clock's own record from making another one; logged bounds
// them.
var inClock, logged = false, 0

func logInCrash() {
	netlog.Default().SetClock(func() int64 {
		const most = 8
		if l := netlog.Default(); l.Crashed() && !inClock && logged < most {
			inClock = true
			logged++
			l.Log(netlog.Info, "logged by the clock, in the crash path")
			inClock = false
		}
		return machine.Now()
	})
	panic("with a clock that logs")
}

// hangInCrash has the clock never return when it is read in the crash path for
// the first time, or the one that gasp.step= says.
func hangInCrash() {
	reads := 0
	netlog.Default().SetClock(func() int64 {
		if netlog.Default().Crashed() {
			if reads++; reads == step+1 {
				stall()
			}
		}
		return machine.Now()
	})
	panic("with a clock that hangs")
}

// amongGoroutines dies once all are blocked, in one of three ways.
func amongGoroutines() {
	const count = 10_000
	var begun atomic.Int32
	var lock sync.Mutex
	var group sync.WaitGroup
	lock.Lock()
	group.Add(1)
	blocked := [...]func(){
		func() { begun.Add(1); <-make(chan int) },
		func() { begun.Add(1); lock.Lock() },
		func() { begun.Add(1); group.Wait() },
	}
	for i := range count {
		go blocked[i%len(blocked)]()
	}
	for begun.Load() < count {
		runtime.Gosched()
	}
	runtime.Gosched()
	panic("among many goroutines")
}

func longMessage() {
	const size = 1 << 20
	var b strings.Builder
	text := paddedLine("message 00000000 ")
	for i := 1; b.Len()+len(text) <= size; i++ {
		putNumber(text[len("message "):], i)
		b.Write(text)
	}
	panic(b.String())
}
