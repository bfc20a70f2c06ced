// Reads what a registry has under a name. Only metadata: publishing is left to npm.

/** Reads the versions under a name and the repository of the newest; `undefined` when the name is free. */
export async function readPackument(registry, name) {
  const url = new URL(name.replace('/', '%2f'), registry.endsWith('/') ? registry : `${registry}/`);
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
  const { versions = {}, 'dist-tags': tags = {}, repository } = await response.json();
  return { versions: Object.keys(versions), repository: versions[tags.latest]?.repository ?? repository };
}

/** `github.com/owner/name` of a repository field, in each of its forms. */
export function repositoryPath(repository) {
  const text = typeof repository === 'string' ? repository : repository?.url;
  if (text === undefined) return undefined;
  const plain = text
    .replace(/^git\+/, '')
    .replace(/\.git$/, '')
    .replace(/#.*$/, '');
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(plain);
  if (short !== null) return `github.com/${short[1]}`.toLowerCase();
  const long = /^(?:https?|ssh|git):\/\/(?:[^@/]+@)?([^/]+\/.+)$/.exec(plain) ?? /^[^@/]+@([^:]+):(.+)$/.exec(plain);
  if (long === null) return undefined;
  return long.slice(1).filter(Boolean).join('/').toLowerCase();
}

/** The names that somebody else's packages have, each with the repository that the registry shows. */
export async function foreignNames(registry, names, ownRepository) {
  const own = repositoryPath(ownRepository);
  const found = await Promise.all(
    names.map(async (name) => {
      const packument = await readPackument(registry, name);
      const path = repositoryPath(packument?.repository);
      return packument === undefined || path === own
        ? []
        : [{ name, repository: path ?? 'a repository it does not name' }];
    }),
  );
  return found.flat();
}
