using System.Collections.Concurrent;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;

namespace NixStore.Caches.Examination;

/// <summary>
/// Examines a binary cache: all that it holds, or some paths with what they need. Nothing is changed. What it needs in memory are the names of
/// the files, so a cache of many millions is for the catalog.
/// </summary>
public static class BinaryCacheExaminer
{
    /// <summary>Examines all of a cache: whether it is complete, and what in it is of no use.</summary>
    /// <param name="cache">A cache that can be listed.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Told of each finding. Any thread, one at a time.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">BinaryCacheNotListable; as <see cref="BinaryCache.List"/>.</exception>
    public static void ExamineAll(
        BinaryCache cache, BinaryCacheExaminationOptions options, Action<BinaryCacheFinding> found, BinaryCacheExaminationProgress progress,
        CancellationToken cancellation)
    {
        var report = new CacheReport(cache, OneAtATime(found));
        var files = CacheFiles.Of(cache, progress, cancellation);
        progress.Expect(files.NarInfos.Count);
        var narInfos = new NarInfoCheck(cache, options, report);
        var nars = new NarCheck(cache, options, report, progress, SizeOf);
        var used = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var derivations = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var unread = 0;
        SideBySide.Run(
            files.NarInfos,
            options.Workers,
            (hashPart, stop) =>
            {
                if (narInfos.Read(hashPart, out var isMissing, stop) is { } narInfo)
                {
                    used[narInfo.Url] = true;
                    Remember(derivations, narInfo);
                    CheckReferences(narInfo, reference => files.NarInfos.Contains(reference.HashPart), report);
                    nars.Check(narInfo, stop);
                }
                else if (!isMissing)
                {
                    Interlocked.Increment(ref unread);
                }

                progress.AddPath();
            },
            cancellation);
        new LeftoverCheck(cache, options, report, files).Check(used.Keys.ToHashSet(StringComparer.Ordinal), derivations.Keys.ToHashSet(StringComparer.Ordinal), unread == 0, cancellation);

        long? SizeOf(string name, CancellationToken stop)
            => NarUrl.IsAbsolute(name) || !name.StartsWith("nar/", StringComparison.Ordinal) ? cache.TryGetSize(name, stop)
                : files.Nars.TryGetValue(name, out var file) ? file.Size : null;
    }

    /// <summary>Examines paths and all that they refer to. The cache need not be one that can be listed.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="hashParts">Which paths.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Told of each finding. Any thread, one at a time.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellation">Stops.</param>
    public static void ExamineClosure(
        BinaryCache cache, IEnumerable<string> hashParts, BinaryCacheExaminationOptions options, Action<BinaryCacheFinding> found,
        BinaryCacheExaminationProgress progress, CancellationToken cancellation)
    {
        var report = new CacheReport(cache, OneAtATime(found));
        var narInfos = new NarInfoCheck(cache, options, report);
        var nars = new NarCheck(cache, options, report, progress, cache.TryGetSize);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var wanted = hashParts.Where(seen.Add).Select(hashPart => new Wanted(hashPart, null, null)).ToList();
        while (wanted.Count > 0)
        {
            progress.Expect(wanted.Count);
            var next = new ConcurrentBag<Wanted>();
            SideBySide.Run(
                wanted,
                options.Workers,
                (want, stop) =>
                {
                    if (narInfos.Read(want.HashPart, out var isMissing, stop) is { } narInfo)
                    {
                        nars.Check(narInfo, stop);
                        foreach (var reference in narInfo.Info.References)
                        {
                            next.Add(new Wanted(reference.HashPart, reference, narInfo.Path));
                        }
                    }
                    else if (isMissing)
                    {
                        Missing(want, report);
                    }

                    progress.AddPath();
                },
                cancellation);
            wanted = [.. next.OrderBy(want => want.HashPart, StringComparer.Ordinal).Where(want => seen.Add(want.HashPart))];
        }
    }

    private static void Missing(Wanted want, CacheReport report)
    {
        if (want.By is null)
        {
            report.OfFile(BinaryCacheFindingKind.PathMissing, StoreFindingSeverity.Error, BinaryCache.NarInfoName(want.HashPart), "the cache does not have the path");
        }
        else
        {
            ReferenceMissing(want.By, want.Path!, report);
        }
    }

    private static void CheckReferences(NarInfo narInfo, Func<StorePath, bool> isThere, CacheReport report)
    {
        foreach (var reference in narInfo.Info.References.Where(reference => !isThere(reference)))
        {
            ReferenceMissing(narInfo.Path, reference, report);
        }
    }

    private static void ReferenceMissing(StorePath path, StorePath reference, CacheReport report) => report.OfPath(
        BinaryCacheFindingKind.ReferenceMissing, StoreFindingSeverity.Error, BinaryCache.NarInfoName(path.HashPart), path,
        $"it refers to {reference}, which the cache does not have", "Copy the path with its closure to the cache again.");

    private static void Remember(ConcurrentDictionary<string, bool> derivations, NarInfo narInfo)
    {
        if (narInfo.Info.Deriver is { } deriver)
        {
            derivations[deriver.BaseName] = true;
        }

        if (narInfo.Path.IsDerivation)
        {
            derivations[narInfo.Path.BaseName] = true;
        }
    }

    private static Action<BinaryCacheFinding> OneAtATime(Action<BinaryCacheFinding> found)
    {
        var gate = new Lock();
        return finding =>
        {
            lock (gate)
            {
                found(finding);
            }
        };
    }

    /// <summary>A path to look at, and who refers to it.</summary>
    private sealed record Wanted(string HashPart, StorePath? Path, StorePath? By);
}
