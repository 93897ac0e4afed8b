const b:any=ArrayBuffer.prototype; b.transferToFixedLength ??= function(n:number){return this.slice(0,n)}
import { readFileSync } from 'node:fs'
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'
const { OPS } = await getResolvedPDFJS()
const names = Object.fromEntries(Object.entries(OPS).map(([k, v]) => [v, k]))
for (const f of process.argv.slice(2)) {
  const pdf = await getDocumentProxy(new Uint8Array(readFileSync(f)), { verbosity: 1, maxImageSize: 0 })
  const page = await pdf.getPage(1)
  const list = await page.getOperatorList({ intent: "display", annotationMode: 1 })
  list.fnArray.forEach((fn: number, i: number) => { console.log(names[fn], JSON.stringify(list.argsArray[i])?.slice(0, 400)) })
}
