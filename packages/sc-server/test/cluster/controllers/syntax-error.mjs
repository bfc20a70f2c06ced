export function run() {
  const broken = ;
}
