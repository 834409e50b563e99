/**
 * The faults that a run in a browser tab meets, by kind: N network, R provider, M what models write, S storage, B life of a page,
 * T several tabs, C clocks, D data that people bring, U upgrades, X attacks. A test that brings one about has its id at the beginning
 * of its title; `docs/faults.md` is made of both.
 */
export type Fault = {
  readonly id: string;
  readonly fault: string;
  /** What must come of it. */
  readonly expected: string;
  /** Why no test brings it about. */
  readonly left?: string;
};

const rows = (text: string): readonly Fault[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', fault = '', expected = '', left] = line.split(' | ').map((cell) => cell.trim());
      return { id, fault, expected, ...(left === undefined ? {} : { left }) };
    });

const noBatch = 'The app does not use the batch API: its answers come too late for a search that builds on them.';
const noStream = 'The app does not stream: an answer counts only when it is whole.';
const noCode = 'The product runs no code of its users: metrics are built in.';
const noJudge = 'No metric asks a model for a mark: there is no judge.';
const noLinks =
  'There are no links that carry settings; a run file is the only way to bring them, and it is tested (X02).';

export const faults: readonly Fault[] = rows(`
N01 | Offline when a run is started | said at once; the run waits and goes on by itself, nothing is counted as failed
N02 | Offline for half a minute in mid-run | waits, goes on by itself, no row failed
N03 | Offline for an hour | at most one probe every half minute
N04 | Connection reset before the answer, new connection | tried again
N05 | Connection reset on a re-used connection: the browser sends the request again by itself | one result; the double is bounded and said
N06 | The server answers and drops the connection: paid for, lost | noted as possibly charged, tried again
N07 | Connection reset in mid-answer | nothing of it is kept
N08 | Answer shorter than announced | nothing of it is kept
N09 | Answer cut off where no length was announced | refused as no answer
N10 | One byte a second | given up at the deadline, the place is free again
N11 | No answer for ever | given up at the deadline, other calls go on
N12 | Unknown host | the run waits, the message names the host
N13 | Certificate that cannot be trusted | the run waits with a message
N14 | A web page in place of the API (captive portal) | refused; after a few the run asks
N15 | No CORS headers at all | told apart from a dead server, with the way out
N16 | CORS headers missing on refusals only | taken as a sign of a limit, slowed down
N17 | A preflight that refuses unknown headers | none is ever sent
N18 | Redirect on the same host | not followed; an error of its own
N19 | Redirect to another host | neither prompt nor key arrive there
N20 | Six connections a host | never more than five under way, no deadline runs in the browser's queue
N21 | All connections dropped with many under way | each counted as possibly charged, the run goes on
N22 | A proxy holds back a stream | not met | ${noStream}
N23 | A very slow line | progress, no deadline missed for nothing
N24 | The browser says offline and is not | the attempt decides, the run goes on
N25 | Plain http to a private network from an https page | blocked by the browser; documented | Needs a page on https and a second machine; the address rule of the model form names it.
R01 | 429 with a readable Retry-After | no call before
R02 | 429 that names the time in its text only | no call before
R03 | Retry-After of two minutes | kept, and the time is shown
R04 | Retry-After below zero, no number, a thousand years | clamped to 0…10 minutes
R05 | 429 to everything for five minutes | few calls, nothing failed, goes on
R06 | A bucket of 60 calls a minute | at least 90 % of the ideal
R07 | A bucket of tokens | paced by tokens
R08 | The limit falls to a fifth and comes back | follows both ways within a minute
R09 | Credit used up in mid-run | stops with the cause; goes on when topped up
R10 | Spending limit of a project | the same, naming the limit
R11 | Wrong key at the start | stops before the second call
R12 | Key revoked in mid-run | stops; a new key goes on, nothing is paid for again
R13 | 403: country, address, permission | stops with the provider's words
R14 | Unknown model | stops, offers the models there are
R15 | Wrong path | stops, suggests the right one
R16 | A parameter that the model refuses | found out once and left out
R17 | A few rows too long for the model | those rows failed, the run ends
R18 | Every second row too long | the run asks
R19 | Five per cent random 5xx | no row failed
R20 | Ten minutes of outage | at most 25 probes, full speed within a minute afterwards
R21 | An error inside a 200 | no answer is made of it
R22 | An error in mid-stream | not met | ${noStream}
R23 | A stream without its end | not met | ${noStream}
R24 | Twenty times the latency for a while | no storm of retries
R25 | No usage in the answer | estimated, and marked so
R26 | Another model answers than was asked | recorded
R27 | Several choices in place of one | refused
R28 | Log-probabilities promised and missing | the run asks, and can go on without
R29 | 408, 409, 425 | tried again
R30 | A server that says "do not retry" to a 500 | our own rule holds
R31 | Batch: expired half done | not met | ${noBatch}
R32 | Batch: answers in another order | not met | ${noBatch}
R33 | Batch: page lost before its id was kept | not met | ${noBatch}
R34 | Batch: cancelled under way | not met | ${noBatch}
R35 | Batch: no CORS | not met | ${noBatch}
R36 | No price known | a limit in money is refused, one in calls holds
M01 | Empty answer | an outcome of its own, not a crash
M02 | No content, a refusal | counted as refused
M03 | Cut off at the length limit | counted as cut off
M04 | Withheld by a filter | counted as refused
M05 | Prose around the answer, JSON in a fence | read where it can be, unparsable otherwise
M06 | JSON nested 100,000 deep | no crash
M07 | Ten megabytes | cut at the bound, refused
M08 | Bytes that are no UTF-8 | refused as no answer
M09 | Lone surrogates, NUL, direction marks, zero width | kept exactly, shown harmlessly
M10 | Script, image with handler, SVG, javascript: link | text, and nothing but text
M11 | Markdown image as a beacon | no request goes out
M12 | "Ignore your instructions" in a row | data inside its marks; the metric alone decides
M13 | Template marks in an answer or a row | inserted as they are, once
M14 | The generator repeats itself | known prompts are not paid for again, and the search ends
M15 | Tool calls nobody asked for | an answer without text; nothing is carried out
M16 | A judge's mark that is no number | not met | ${noJudge}
S01 | No room while an answer is written | nothing more is sent, nothing lost, goes on with room
S02 | No room while a request is written down | it is not sent
S03 | Disk full below the browser | the run stops; restored from the second copy | Needs a full file system of its own, mounted by an administrator. What the database says then is brought about by S01, S02, S04 and S05, and the way back by S08.
S04 | The k-th write fails, once or for ever | no promise broken at any k
S05 | A write that never reports | given up after a while, the run stops
S06 | Site data cleared in mid-run | noticed and said
S07 | Everything of the origin gone | a first visit, said as such where a trace is left
S08 | Database damaged: the browser opens an empty one | announced, rebuilt from the second copy, nothing paid for again
S09 | The newest writes of the database lost | the second copy fills the gap
S10 | A damaged block in the database | read around it, or rebuilt | Reading around a damaged block is not built: the run comes back from the second copy as in S08.
S11 | Power cut | what was acknowledged is there (strict durability) | Needs a file system that drops what was not synced; strict transactions are asserted instead (S11 in the storage suite).
S12 | No IndexedDB | said on a page of its own
S13 | localStorage throws | the app works
S14 | The second copy is held by another tab | the run goes on and says so
S15 | 100,000 answers kept | opens in seconds
S16 | A disk a hundred times slower | backpressure: what waits is bounded
S17 | Served over plain http by another machine | said on a page of its own
B01 | Reload, again and again | nothing lost, nothing asked twice but what was under way
B02 | Tab closed and opened again | the same
B03 | Tab crashed | the same
B04 | Renderer killed | the same
B05 | Browser killed (kill -9) | the same
B06 | Storage service killed | the database opens again
B07 | Network service killed | under way = possibly charged; goes on
B08 | Sleep of the machine | answers that came are kept; no storm afterwards
B09 | Hidden tab | at least 90 % of the speed
B10 | Frozen tab | goes on, answers kept
B11 | Away and back (back/forward cache) | the run is let go and taken up again
B12 | Discarded tab | like a reload | Cannot be brought about without a screen; B01 is what it comes to.
B13 | Browser closed properly | like B05
B14 | Out of memory | like a crash | A page that allocates until it dies takes the test machine with it; B03 is what it comes to.
B15 | Main thread blocked for half a minute | the engine goes on in its worker
B16 | The worker dies | the run can be taken up
B17 | Killed at each step of a call | no promise broken at any step
T01 | Two tabs start at once | one drives
T02 | The driving tab is closed | the other takes over within 12 seconds
T03 | The driving tab is in the back/forward cache | the other takes over
T04 | The driving tab is frozen | the other can take over by a button
T05 | A frozen tab wakes after it was taken over from | it changes nothing; its answers are kept once
T06 | A duplicated tab | names of requests stay unique
T07 | The same thing edited in two tabs | nothing is overwritten in silence
T08 | Two browsers, one key | the limiter finds its share
T09 | No BroadcastChannel | correctness does not depend on it
T10 | An old tab is open while a new version upgrades | the old one lets go, nothing lost
C01 | Wall clock set by a day, an hour, ten years | nothing but the shown times changes
C02 | Time zone changed | nothing but the shown times changes
C03 | Timers half a minute late | deadlines give grace
C04 | Monotonic clock stands still in sleep | sleep is noticed by the wall clock
D01 | BOM, UTF-16, Latin-1, CR, no end of line | right cells, or a clear question
D02 | A million rows | read in a worker, bounded with a message
D03 | Ragged rows, unclosed quotes | error with its line, nothing half imported
D04 | Duplicate rows, duplicate columns, empty headers | named apart, and said
D05 | Cells that begin like formulas | text; exports are guarded
D06 | Columns called __proto__, constructor | plain data
D07 | NUL, control characters, emoji, direction marks | kept byte by byte; a NUL in delimited text is taken out, and said
D08 | No rows, one row, one label | explained, or works
D09 | Compressed files and spreadsheets | refused with the way out
D10 | JSON lines with one bad line | the line is named
D11 | Braces and template marks in the data | inserted as they are
D12 | A regular expression that never ends | not met | ${noCode}
D13 | Data set deleted or changed during a run | the run keeps its rows, or says what is missing
D14 | Rows in another order | answers are found by content
U01 | Data of each released version | opens
U02 | Killed during an upgrade | old or new, never half
U03 | An upgrade held up by an old tab | said, goes on when it is closed
U04 | Data of a newer version | not touched, said
U05 | A new version is deployed during a run | the run goes on
U06 | Names of calls | frozen by test vectors
U07 | Back to the version before | the data is not touched | Only one schema is released so far, that of 0.1.0; U04 is the half of it that exists.
X01 | A key in exports, logs, addresses, errors | nowhere
X02 | A run file with another address while a key is kept | the key is not sent there
X03 | An endpoint that redirects elsewhere | not followed
X04 | A metric with code in a run file | not met | ${noCode}
X05 | Script in every text field | text
X06 | javascript: and data: links | inert
X07 | Formulas in exported CSV | guarded
X08 | Prototype pollution by a file | none
X09 | An endless answer | cut at the bound
X10 | Absurd headers and usage | clamped; the budget never grows
X11 | A metric that hangs or eats memory | not met | ${noCode}
X12 | A metric that reaches for network or storage | not met | ${noCode}
X13 | Forged messages from another window | not listened to
X14 | The page in a frame of another | refuses to run
X15 | The profile read after "forget" and after closing | no key in it
X16 | An extension with access to the page | out of reach | An extension may read whatever a page may; the README says so.
X17 | A tampered lockfile or registry | the tests fail
X18 | A worker outside the policy | none
X19 | A row that tells a judge its mark | not met | ${noJudge}
X20 | A link that opens the app with a huge address | not met | ${noLinks}
X21 | Elements named like globals | no HTML is rendered
X22 | Another app on the same origin | names are prefixed; documented | Whoever shares the origin shares its storage; a host of one's own is advised.
`);
