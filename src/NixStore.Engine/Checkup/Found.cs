namespace NixStore.Engine.Checkup;

/// <summary>Hands findings on, one at a time and none twice, whichever areas of a look meet with the same thing.</summary>
/// <param name="found">Gets them.</param>
internal sealed class Found(Action<StoreFinding> found)
{
    internal const string CheckFailed = nameof(StoreDatabaseFindingKind.CheckFailed);
    private const string StoreDirectoryEmpty = nameof(StoreDatabaseFindingKind.StoreDirectoryEmpty);
    private const string StoreDirectoryMissing = "StoreDirectoryMissing";

    private readonly Lock _gate = new();
    private readonly HashSet<(string Kind, string Path)> _told = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <summary>True when the store directory was found to be empty, or not there: that is one finding, and none of each path.</summary>
    internal bool IsDirectoryEmpty { get; private set; }

    /// <summary>Tells a finding, unless the same was told of the same path.</summary>
    internal void Tell(StoreFinding finding)
    {
        lock (_gate)
        {
            if (finding.Kind is StoreDirectoryEmpty or StoreDirectoryMissing)
            {
                if (IsDirectoryEmpty)
                {
                    return;
                }

                IsDirectoryEmpty = true;
            }
            else if (finding is { Area: StoreFindingArea.Path, Path: { } path })
            {
                _paths.Add(path);
                if (!_told.Add((finding.Kind, path)))
                {
                    return;
                }
            }

            found(finding);
        }
    }

    /// <summary>Has a problem of a path taken for told: another finding says as much.</summary>
    internal void TakeAsTold(StoreProblemKind kind, string path)
    {
        lock (_gate)
        {
            _told.Add(($"{kind}", path));
        }
    }

    /// <summary>True when anything was told of a path as such.</summary>
    internal bool HasTold(string path)
    {
        lock (_gate)
        {
            return _paths.Contains(path);
        }
    }
}
