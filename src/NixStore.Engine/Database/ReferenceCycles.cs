namespace NixStore.Engine.Database;

/// <summary>A reference cycle between different paths cannot be made by Nix and breaks its collector (NIX-ON-DAMAGE, case g4).</summary>
internal static class ReferenceCycles
{
    /// <summary>Raises the error when references among <paramref name="paths"/> form a cycle; a path may refer to itself.</summary>
    /// <exception cref="StoreDatabaseException">ReferenceCycle</exception>
    internal static void EnsureNone(List<PathRegistration> paths)
    {
        var infos = paths.ToDictionary(path => path.Info.Path, path => path.Info);
        var done = new Dictionary<StorePath, bool>();
        var stack = new Stack<(StorePath Path, int Next)>();
        foreach (var start in infos.Keys.Where(path => !done.ContainsKey(path)))
        {
            stack.Push((start, 0));
            done[start] = false;
            while (stack.TryPop(out var frame))
            {
                var references = infos[frame.Path].References;
                if (frame.Next == references.Count)
                {
                    done[frame.Path] = true;
                    continue;
                }

                stack.Push((frame.Path, frame.Next + 1));
                var reference = references[frame.Next];
                if (reference.Equals(frame.Path) || !infos.ContainsKey(reference))
                {
                    continue;
                }

                if (!done.TryGetValue(reference, out var finished))
                {
                    done[reference] = false;
                    stack.Push((reference, 0));
                }
                else if (!finished)
                {
                    throw new StoreDatabaseException("ReferenceCycle", StoreErrorKind.InvalidData,
                        $"The references of '{frame.Path}' and '{reference}' form a cycle.", reference.BaseName,
                        "Paths that need each other cannot be registered; the source of this metadata is damaged.");
                }
            }
        }
    }
}
