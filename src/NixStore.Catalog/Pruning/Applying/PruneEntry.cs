using System.Text.Json.Serialization;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>A line of the journal of a plan that is being applied.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunBegun), "begin")]
[JsonDerivedType(typeof(BatchBegun), "intent")]
[JsonDerivedType(typeof(BatchDone), "done")]
[JsonDerivedType(typeof(BatchTroubled), "trouble")]
[JsonDerivedType(typeof(ManifestWritten), "manifest")]
[JsonDerivedType(typeof(WaveTagged), "tagged")]
[JsonDerivedType(typeof(WaveDone), "wave")]
[JsonDerivedType(typeof(PathKept), "keep")]
[JsonDerivedType(typeof(Reconciled), "reconciled")]
[JsonDerivedType(typeof(HydraDeleted), "hydra")]
[JsonDerivedType(typeof(PlanSettled), "settled")]
internal abstract record PruneEntry
{
    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>The first line: what all runs of this plan have in common.</summary>
/// <param name="PlanId">The plan.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Mode">What happens to its objects.</param>
/// <param name="Method">How they can come back.</param>
/// <param name="Cache">Address of the cache.</param>
/// <param name="TrashUrl">Where the trash is; null = in the cache.</param>
/// <param name="BatchSizes">Objects a batch, of each wave.</param>
/// <param name="Host">Which machine.</param>
/// <param name="User">Who.</param>
internal sealed record RunBegun(
    string PlanId, string Digest, BinaryCachePruneMode Mode, TrashMethod Method, string Cache, string? TrashUrl, IReadOnlyList<int> BatchSizes, string Host, string User) : PruneEntry;

/// <summary>A batch is about to be taken; on the disk before anything of it is.</summary>
internal sealed record BatchBegun(int Wave, long Batch) : PruneEntry;

/// <summary>A batch is done with.</summary>
/// <param name="Wave">Of which wave.</param>
/// <param name="Batch">Its number: it is that of its first object in the wave by the size of batches.</param>
/// <param name="First">Its first key.</param>
/// <param name="Last">Its last one.</param>
/// <param name="Taken">Objects taken.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Kept">Objects left out because a path that stays needs them.</param>
/// <param name="Gone">Objects that somebody else had deleted.</param>
/// <param name="Changed">Objects that were others than the plan's, and stay.</param>
internal sealed record BatchDone(int Wave, long Batch, string First, string Last, long Taken, long Bytes, long Kept, IReadOnlyList<string> Gone, IReadOnlyList<string> Changed) : PruneEntry;

/// <summary>Of a batch, some objects were not taken although it was tried several times; the next run tries the batch again.</summary>
internal sealed record BatchTroubled(int Wave, long Batch, IReadOnlyDictionary<string, string> Failed) : PruneEntry;

/// <summary>The list of a wave is written, and a job of S3 Batch Operations may tag what it names, until its report says that it has ended.</summary>
internal sealed record ManifestWritten(int Wave) : PruneEntry;

/// <summary>All of a wave has its tag. The wave is done when the bucket's lifecycle has taken it.</summary>
internal sealed record WaveTagged(int Wave) : PruneEntry;

/// <summary>All of a wave has gone.</summary>
internal sealed record WaveDone(int Wave) : PruneEntry;

/// <summary>Something of the plan stays, or comes back, for something in the cache needs it by now.</summary>
/// <param name="Hash">A path; null when it is an object that others may share.</param>
/// <param name="Key">A NAR, a log, or debug information; null when it is a path.</param>
/// <param name="Because">Hash part of the path that needs it; its own when it was uploaded again.</param>
internal sealed record PathKept(string? Hash, string? Key, string Because) : PruneEntry;

/// <summary>What is in the cache was compared with what was taken; all that had to come back is back.</summary>
/// <param name="Read">Narinfos read.</param>
/// <param name="Restored">Objects brought back.</param>
/// <param name="Lost">Objects that could not be.</param>
internal sealed record Reconciled(long Read, long Restored, IReadOnlyList<string> Lost) : PruneEntry;

/// <summary>Rows of Hydra's database were deleted, up to a hash.</summary>
/// <param name="Last">The last hash part; null when that was all.</param>
/// <param name="Rows">Rows deleted.</param>
internal sealed record HydraDeleted(string? Last, long Rows) : PruneEntry;

/// <summary>The last line: nobody can be using what was taken any more.</summary>
internal sealed record PlanSettled : PruneEntry;
