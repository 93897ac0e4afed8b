/** The names that NCBI gives to residues in `transl_except`. */
export const residueNames: ReadonlyMap<string, string> = new Map([
  ['A', 'Ala'], ['R', 'Arg'], ['N', 'Asn'], ['D', 'Asp'], ['B', 'Asx'], ['C', 'Cys'], ['Q', 'Gln'], ['E', 'Glu'], ['Z', 'Glx'], ['G', 'Gly'],
  ['H', 'His'], ['I', 'Ile'], ['L', 'Leu'], ['K', 'Lys'], ['M', 'Met'], ['F', 'Phe'], ['P', 'Pro'], ['O', 'Pyl'], ['U', 'Sec'], ['S', 'Ser'],
  ['T', 'Thr'], ['W', 'Trp'], ['Y', 'Tyr'], ['V', 'Val'], ['J', 'Xle'], ['X', 'OTHER'], ['*', 'TERM']
])
