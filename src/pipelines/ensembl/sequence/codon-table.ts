/**
 * How a codon reads. `residue` is a letter's code, `*` is a stop; `isStop` and `isStart` hold for all that its
 * ambiguity codes may stand for.
 */
export type Codon = { residue: number, isStop: boolean, isStart: boolean }

/** Reads the three letters from `at` on, in either case. */
export type CodonTable = (letters: Uint8Array, at: number) => Codon

/**
 * NCBI's genetic codes, 64 residues and starts each, codons in TCAG order. 1, 2 and 11 are pinned by specs/ensembl.md
 * 3.4; the others follow NCBI's list (gc.prt), where CTG of 27 to 30 is Leu since its correction.
 */
const tables: ReadonlyMap<number, readonly [residues: string, starts: string]> = new Map([
  [1, ['FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'TTG CTG ATG']],
  [2, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG', 'ATT ATC ATA ATG GTG']],
  [3, ['FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATA ATG']],
  [4, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'TTA TTG CTG ATT ATC ATA ATG GTG']],
  [5, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG', 'TTG ATT ATC ATA ATG GTG']],
  [6, ['FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [9, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG', 'ATG GTG']],
  [10, ['FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [11, ['FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'TTG CTG ATT ATC ATA ATG GTG']],
  [12, ['FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'CTG ATG']],
  [13, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG', 'TTG ATA ATG GTG']],
  [14, ['FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG', 'ATG']],
  [15, ['FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [16, ['FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [21, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG', 'ATG GTG']],
  [22, ['FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [23, ['FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATT ATG GTG']],
  [24, ['FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG', 'TTG CTG ATG GTG']],
  [25, ['FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'TTG ATG GTG']],
  [26, ['FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'CTG ATG']],
  [27, ['FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [28, ['FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [29, ['FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [30, ['FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [31, ['FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'ATG']],
  [32, ['FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG', 'TTG CTG ATT ATC ATA ATG GTG']],
  [33, ['FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG', 'TTG CTG ATG GTG']]
])

const bases = 'TCAG'
const expansions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    T: 'T',
    U: 'T',
    C: 'C',
    A: 'A',
    G: 'G',
    R: 'AG',
    Y: 'CT',
    K: 'GT',
    M: 'AC',
    S: 'CG',
    W: 'AT',
    B: 'CGT',
    D: 'AGT',
    H: 'ACT',
    V: 'ACG',
    N: 'ACGT'
  })
)

/** NCBI's table of that number, undefined where there is none. */
export function findCodonTable (number: number): CodonTable | undefined {
  const table = tables.get(number)
  if (table === undefined) return undefined
  const [residues, starts] = table
  const known: Array<Codon | undefined> = new Array(1 << 15).fill(undefined)
  return (letters, at) => {
    // Five bits tell a letter, whatever its case.
    const key = (letters[at]! & 31) << 10 | (letters[at + 1]! & 31) << 5 | (letters[at + 2]! & 31)
    let read = known[key]
    if (read === undefined) {
      known[key] = read = readCodon(
        Buffer.from(letters.subarray(at, at + 3))
          .toString('latin1')
          .toUpperCase(),
        residues,
        starts.split(' ')
      )
    }
    return read
  }
}

function readCodon (codon: string, residues: string, starts: string[]): Codon {
  const codons = expand(codon)
  const found = new Set(
    codons.map(
      (plain) => residues[16 * bases.indexOf(plain[0]!) + 4 * bases.indexOf(plain[1]!) + bases.indexOf(plain[2]!)]!
    )
  )
  const residue =
    found.size === 1 ? [...found][0]! : isPair(found, 'D', 'N') ? 'B' : isPair(found, 'E', 'Q') ? 'Z' : 'X'
  return {
    residue: residue.charCodeAt(0),
    isStop: found.size === 1 && found.has('*'),
    isStart: codons.every((plain) => starts.includes(plain))
  }
}

function isPair (found: Set<string>, one: string, other: string): boolean {
  return found.size === 2 && found.has(one) && found.has(other)
}

function expand (codon: string): string[] {
  return [...codon].reduce<string[]>((heads, letter) =>
    heads.flatMap((head) => [...expansions.get(letter) ?? 'ACGT'].map((base) => head + base)), [''])
}
