namespace NixStore.Engine.Collection;

/// <summary>
/// The temporary roots of a collection: those that were there when it began, and those that arrive while it deletes. A root that arrives for
/// something that is being deleted is answered when that is over, so that its owner, who looks for the path only then, does not find it
/// half there (GC-SPEC §3; Nix 2.36 libstore/gc.cc:collectGarbage). Safe for several threads.
/// </summary>
/// <remarks>By hash parts, so that <c>X.lock</c> and <c>X.chroot</c> of a rooted X are protected as well.</remarks>
public sealed class LateRoots
{
    private readonly object _gate = new();
    private readonly HashSet<string> _hashParts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _pending = new(StringComparer.Ordinal);

    /// <summary>Adds a root at once; for those that are found before the first deletion.</summary>
    public void Add(StorePath path)
    {
        lock (_gate)
        {
            _hashParts.Add(path.HashPart);
        }
    }

    /// <summary>Adds a root, and returns when it is safe or what it names is gone.</summary>
    public void AddAndWait(StorePath path)
    {
        lock (_gate)
        {
            _hashParts.Add(path.HashPart);
            while (_pending.ContainsKey(path.HashPart))
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>True when something with this hash part is a root.</summary>
    public bool Contains(string hashPart)
    {
        lock (_gate)
        {
            return _hashParts.Contains(hashPart);
        }
    }

    /// <summary>
    /// Begins the deletion of all things of which none with the same hash part is a root: from now until <see cref="End"/> roots for them wait.
    /// </summary>
    /// <param name="things">What is to be deleted.</param>
    /// <param name="hashPartOf">The hash part of each; null for what has none.</param>
    /// <returns>Those that must stay.</returns>
    public IReadOnlyList<T> Begin<T>(IEnumerable<T> things, Func<T, string?> hashPartOf)
    {
        var rooted = new List<T>();
        lock (_gate)
        {
            foreach (var thing in things)
            {
                if (hashPartOf(thing) is not { } hashPart)
                {
                    continue;
                }

                if (_hashParts.Contains(hashPart))
                {
                    rooted.Add(thing);
                }
                else
                {
                    _pending[hashPart] = _pending.GetValueOrDefault(hashPart) + 1;
                }
            }
        }

        return rooted;
    }

    /// <summary>Ends the deletion of one thing, and lets those answer who wait for it.</summary>
    public void End(string? hashPart)
    {
        if (hashPart is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_pending[hashPart] == 1)
            {
                _pending.Remove(hashPart);
                Monitor.PulseAll(_gate);
            }
            else
            {
                _pending[hashPart]--;
            }
        }
    }
}
