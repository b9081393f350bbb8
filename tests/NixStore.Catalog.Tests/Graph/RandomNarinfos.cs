using System.Text;
using NixStore.Catalog.Graph;

namespace NixStore.Catalog.Tests.Graph;

/// <summary>A table of narinfos of chance, given by a seed, and what is true of it by the plainest means.</summary>
internal sealed class RandomNarinfos : IReferenceSource
{
    private const int PartLength = 250;
    private const int BatchLength = 100;
    private readonly List<(string Hash, List<string> References)> _rows;

    internal RandomNarinfos(IEnumerable<(string Hash, List<string> References)> rows) => _rows = [.. rows];

    public string Name => "random narinfos";

    internal IReadOnlyList<string> Hashes => [.. _rows.Select(row => row.Hash)];

    /// <param name="seed">Of chance.</param>
    /// <param name="count">How many.</param>
    /// <param name="sameDigits">So many digits at the beginning are the same in all, as of names that somebody has chosen.</param>
    internal static RandomNarinfos Make(int seed, int count, int sameDigits = 0)
    {
        var random = new Random(seed);
        var hashes = Enumerable.Range(0, count).Select(_ => new string('7', sameDigits) + RandomHash(random)[sameDigits..]).ToList();
        return new RandomNarinfos(hashes.Select(hash => (hash, Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(20) switch
        {
            0 => hash,
            1 => RandomHash(random),
            _ => hashes[random.Next(count)],
        }).ToList())));
    }

    internal static string RandomHash(Random random)
    {
        var bytes = new byte[20];
        random.NextBytes(bytes);
        return Nix32.Encode(bytes);
    }

    /// <summary>Steps from the roots to all that is reached, breadth first over a dictionary.</summary>
    internal Dictionary<string, int> Reach(IEnumerable<string> roots)
    {
        var references = _rows.ToDictionary(row => row.Hash, row => row.References, StringComparer.Ordinal);
        var reached = new Dictionary<string, int>(StringComparer.Ordinal);
        var pending = new Queue<string>();
        foreach (var root in roots.Where(references.ContainsKey))
        {
            if (reached.TryAdd(root, 0))
            {
                pending.Enqueue(root);
            }
        }

        while (pending.TryDequeue(out var hash))
        {
            foreach (var reference in references[hash].Where(references.ContainsKey))
            {
                if (reached.TryAdd(reference, reached[hash] + 1))
                {
                    pending.Enqueue(reference);
                }
            }
        }

        return reached;
    }

    internal List<string> RowOf(string hash) => _rows.Single(row => row.Hash == hash).References;

    internal List<string> ReferencesOf(string hash)
        => [.. _rows.Single(row => row.Hash == hash).References.Where(reference => reference != hash && _rows.Exists(row => row.Hash == reference))];

    public IReadOnlyList<IReferencePart> Parts => [.. _rows.Chunk(PartLength).Select(rows => new Part(rows))];

    private sealed class Part((string Hash, List<string> References)[] rows) : IReferencePart
    {
        public long Count => rows.Length;

        public long MaximumReferences => rows.Sum(row => Math.Max(1, row.References.Count));

        public IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation)
            => rows.Chunk(BatchLength).Select(batch => Prefixes(batch.Select(row => row.Hash), isWide));

        public IEnumerable<ReferenceBatch> ReadReferences(HashIndex names, CancellationToken cancellation)
        {
            var batch = new ReferenceBatch();
            foreach (var some in rows.Chunk(BatchLength))
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Clear();
                foreach (var (hash, references) in some)
                {
                    references.Select(reference => names.Find(Encoding.ASCII.GetBytes(reference))).ToArray().CopyTo(batch.Add(names.Find(Encoding.ASCII.GetBytes(hash)), references.Count));
                }

                yield return batch;
            }
        }

        private static HashPrefixes Prefixes(IEnumerable<string> hashes, bool isWide)
        {
            var texts = hashes.Select(Encoding.ASCII.GetBytes).ToList();
            return new HashPrefixes([.. texts.Select(High)], isWide ? [.. texts.Select(Low)] : null);
        }

        private static ulong High(byte[] text) => HashPrefix.TryReadHigh(text, out var high) ? high : throw new ArgumentException("no hash", nameof(text));

        private static ulong Low(byte[] text) => HashPrefix.TryReadLow(text, out var low) ? low : throw new ArgumentException("no hash", nameof(text));
    }
}
