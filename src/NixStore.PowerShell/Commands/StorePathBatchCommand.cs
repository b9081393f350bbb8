using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// The base of cmdlets that gather the paths of a whole pipeline and then work on all of them at once, by several threads and in an order of
/// their own: references come before what needs them.
/// </summary>
public abstract class StorePathBatchCommand : StorePathCommand
{
    private readonly Dictionary<string, (StoreLocation Store, HashSet<StorePath> Paths)> _gathered = new(StringComparer.Ordinal);

    /// <summary>How many paths are worked on at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>Give an object for each path.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What would be done with a path, for -WhatIf and -Confirm.</summary>
    protected abstract string Action { get; }

    /// <summary>Works on the paths of one store.</summary>
    /// <exception cref="NixStoreException">An error with the store or the destination; errors with paths are written by the method.</exception>
    protected abstract void Work(StoreLocation store, IReadOnlyCollection<StorePath> paths);

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        foreach (var pattern in ReadPatterns(database))
        {
            Try(() => Gather(database, pattern));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (store, paths) in _gathered.Values.ToList())
        {
            Try(() => Work(store, paths));
        }
    }

    /// <summary>Whether a path that a wildcard matches is one to work on.</summary>
    private protected virtual bool IsMeant(StoreLocation store, StorePath path) => true;

    /// <summary>Runs work that reports by actions for the pipeline's thread, and shows its progress.</summary>
    /// <param name="activity">What is being done.</param>
    /// <param name="counts">How far it is.</param>
    /// <param name="work">The work; gets a function that takes what is to be written.</param>
    private protected void Transfer(string activity, TransferProgress counts, Action<Action<Action>, CancellationToken> work)
    {
        using var progress = NewProgress(activity);
        progress.Follow(new TransferStatus(counts).Ask);
        Pump(work, progress);
    }

    private void Gather(StoreDatabase database, StorePathPattern pattern)
    {
        if (!pattern.IsWildcard)
        {
            Gather(database, new PathLookup(database).Find(pattern.Text));
            return;
        }

        var any = false;
        foreach (var row in database.ReadPaths().Where(row => pattern.IsMatch(row.Path) && IsMeant(database.Store, database.Store.Directory.Parse(row.Path))))
        {
            any = true;
            Gather(database, row);
        }

        if (!any)
        {
            throw new StorePathNotFoundException(pattern.Text, database.Store);
        }
    }

    private void Gather(StoreDatabase database, PathRow row)
    {
        var path = database.Store.Directory.Parse(row.Path);
        if (!ShouldProcess(row.Path, Action))
        {
            return;
        }

        if (!_gathered.TryGetValue(database.Store.Url, out var gathered))
        {
            _gathered[database.Store.Url] = gathered = (database.Store, []);
        }

        gathered.Paths.Add(path);
    }
}
