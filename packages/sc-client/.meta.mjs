import { build, transform } from '/work/main/node_modules/.pnpm/node_modules/esbuild/lib/main.js';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
const r = await build({ entryPoints: ['src/index.ts'], bundle: true, minify: true, metafile: true, write: false, format: 'esm', target:'es2022', conditions:['browser'] });
const out = Object.values(r.metafile.outputs)[0];
const full=r.outputFiles[0].text;
console.log('total', full.length, 'gz', gzipSync(full,{level:9}).length);
// per module gz
for (const [f, {bytesInOutput}] of Object.entries(out.inputs).sort((a,b)=>b[1].bytesInOutput-a[1].bytesInOutput)) {
  const t=(await transform(readFileSync(f,'utf8'),{loader:f.endsWith('.ts')?'ts':'js',minify:true,target:'es2022'})).code;
  console.log(bytesInOutput, gzipSync(t,{level:9}).length, f);
}
