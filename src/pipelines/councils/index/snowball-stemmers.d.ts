declare module 'snowball-stemmers' {
  const stemmers: { newStemmer: (language: 'english') => { stem: (word: string) => string } }
  export default stemmers
}
