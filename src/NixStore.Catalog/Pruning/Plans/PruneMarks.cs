using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>What becomes of each narinfo of a catalog: a byte each, by its number in the graph.</summary>
internal sealed class PruneMarks(ReferenceGraph graph)
{
    /// <summary>It was no candidate: it stays.</summary>
    internal const byte None = 0;

    /// <summary>It goes.</summary>
    internal const byte Goes = 1;

    private const byte FirstReason = 2;
    private const byte Referenced = FirstReason + (int)PruneKeepReason.Referenced;
    private readonly byte[] _marks = new byte[graph.Count];

    /// <summary>The mark of what stays for a reason.</summary>
    internal static byte Of(PruneKeepReason reason) => (byte)(FirstReason + (int)reason);

    /// <summary>Marks a narinfo.</summary>
    internal void Set(ReadOnlySpan<byte> hash, byte mark)
    {
        if (graph.Find(hash) is >= 0 and var narinfo)
        {
            _marks[narinfo] = mark;
        }
    }

    /// <summary>How many have a mark.</summary>
    internal long Count(byte mark) => _marks.AsSpan().Count(mark);

    /// <summary>Keeps all that something which stays refers to, maybe through others.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal void KeepReferenced(CancellationToken cancellation)
    {
        // First what stays refers to directly: the graph from end to end. Then what these lead to.
        const int slice = 1 << 16;
        var pending = new List<int>();
        Parallel.For(0, (_marks.Length + slice - 1) / slice, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, at =>
        {
            var found = new List<int>();
            for (var narinfo = at * slice; narinfo < Math.Min(_marks.Length, (at + 1) * slice); narinfo++)
            {
                if (Volatile.Read(ref _marks[narinfo]) is not (Goes or Referenced))
                {
                    Keep(narinfo, found);
                }
            }

            lock (pending)
            {
                pending.AddRange(found);
            }
        });
        for (var stack = new Stack<int>(pending); stack.TryPop(out var narinfo);)
        {
            pending.Clear();
            Keep(narinfo, pending);
            pending.ForEach(stack.Push);
        }
    }

    /// <summary>Lets a session's SQL ask by <c>goes(hash)</c>: 1 for what goes, 0 for what stays, -1 for what the catalog does not have.</summary>
    /// <exception cref="DuckException"/>
    internal void Register(DuckSession session) => DuckFunction.Register(session, "goes", (hashes, answers) =>
    {
        graph.Find(hashes, answers);
        foreach (ref var narinfo in answers)
        {
            narinfo = narinfo < 0 ? -1 : _marks[narinfo] == Goes ? 1 : 0;
        }
    });

    private void Keep(int narinfo, List<int> found)
    {
        foreach (var reference in graph.ReferencesOf(narinfo))
        {
            // Only one of several threads takes it.
            if (Volatile.Read(ref _marks[reference]) == Goes && Interlocked.CompareExchange(ref _marks[reference], Referenced, Goes) == Goes)
            {
                found.Add(reference);
            }
        }
    }
}
