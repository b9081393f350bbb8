using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Ledger;

/// <summary>Compares the files of a store object with what they were when it was last found intact.</summary>
internal static class TreeComparison
{
    /// <summary>More are counted but not listed.</summary>
    private const int Limit = 100;

    /// <summary>True when nothing says that a file was touched: names, types, inodes, sizes and times are the same.</summary>
    internal static bool IsUntouched(TreeRecord before, TreeRecord now)
    {
        if (before.Count != now.Count)
        {
            return false;
        }

        for (var i = 0; i < now.Count; i++)
        {
            ref readonly var one = ref before.Files[i];
            ref readonly var other = ref now.Files[i];
            if (one.Type != other.Type || one.IsExecutable != other.IsExecutable || one.Inode != other.Inode || one.Size != other.Size
                || one.Modified != other.Modified || (!one.IsShared && !other.IsShared && one.Changed != other.Changed)
                || !before.PathOf(one).SequenceEqual(now.PathOf(other)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What differs in names, types, executable bits and sizes, and in contents where they were read.</summary>
    /// <param name="before">Sorted, with hashes.</param>
    /// <param name="now">Sorted.</param>
    /// <param name="withContents">True when <paramref name="now"/> has hashes, too.</param>
    internal static List<StorePathProblem> Compare(TreeRecord before, TreeRecord now, bool withContents)
    {
        var problems = new List<StorePathProblem>();
        var tops = new List<byte[]>();
        var omitted = 0;
        for (int i = 0, j = 0; i < before.Count || j < now.Count;)
        {
            var order = i == before.Count ? 1 : j == now.Count ? -1 : before.PathOf(before.Files[i]).SequenceCompareTo(now.PathOf(now.Files[j]));
            var path = order < 0 ? before.PathOf(before.Files[i]) : now.PathOf(now.Files[j]);
            var problem = order < 0 ? new StorePathProblem(StoreProblemKind.MissingEntry, Detail: "is gone; it was there")
                : order > 0 ? new StorePathProblem(StoreProblemKind.ExtraEntry, Detail: "was not there")
                : Compare(before.Files[i], now.Files[j], withContents);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
            if (problem is null || IsBelow(path, tops))
            {
                continue;
            }

            if (problem.Kind is StoreProblemKind.MissingEntry or StoreProblemKind.ExtraEntry or StoreProblemKind.TypeChanged)
            {
                tops.Add(path.ToArray());
            }

            if (problems.Count == Limit)
            {
                omitted++;
                continue;
            }

            problems.Add(problem with { File = ByteName.ToDisplay(path), Detail = $"{problem.Detail} when the path was last found intact" });
        }

        if (omitted > 0)
        {
            problems[^1] = problems[^1] with { Detail = $"{problems[^1].Detail}; {omitted} more like these are not listed" };
        }

        return problems;
    }

    private static StorePathProblem? Compare(in RecordedFile before, in RecordedFile now, bool withContents)
    {
        if (before.Type != now.Type)
        {
            return new StorePathProblem(StoreProblemKind.TypeChanged, "", $"{before.Type}", $"{now.Type}", $"is now of the type {now.Type}, and was a {before.Type}");
        }

        if (before.IsExecutable != now.IsExecutable)
        {
            return new StorePathProblem(StoreProblemKind.ExecutableChanged, Detail: now.IsExecutable ? "was not executable" : "was executable");
        }

        var isLink = now.Type == FileType.SymbolicLink;
        if (before.Size != now.Size)
        {
            var kind = isLink ? StoreProblemKind.TargetChanged : now.Size == 0 ? StoreProblemKind.ZeroLength
                : now.Size < before.Size ? StoreProblemKind.Truncated : StoreProblemKind.Extended;
            return new StorePathProblem(kind, "", Text(before.Size), Text(now.Size),
                isLink ? "led elsewhere" : $"has {now.Size} bytes, and had {before.Size}");
        }

        return withContents && before.Hash != now.Hash
            ? new StorePathProblem(isLink ? StoreProblemKind.TargetChanged : StoreProblemKind.BytesChanged, Detail: isLink ? "led elsewhere" : "had other contents of the same size")
            : null;
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, List<byte[]> tops)
    {
        foreach (var top in tops)
        {
            if (top.Length == 0 || (path.Length > top.Length && path[top.Length] == (byte)'/' && path.StartsWith(top)))
            {
                return true;
            }
        }

        return false;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
