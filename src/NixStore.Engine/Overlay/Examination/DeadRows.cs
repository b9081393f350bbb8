using NixStore.Engine.Database;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>The order in which rows without files can be removed: referrers first, as the database wants it.</summary>
internal static class DeadRows
{
    private const int Named = 3;

    /// <summary>Puts them in order; those that cannot be removed are at the end.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal static IReadOnlyList<DeadRow> Order(ExaminedOverlay store, StoreDatabase database, IReadOnlyCollection<string> dead)
    {
        var prefix = store.Store.Directory.Path.Length + 1;
        var referrers = dead.ToDictionary(
            name => name, name => database.FindReferrers(store.Full(name)).Select(path => path[prefix..]).ToList(), StringComparer.Ordinal);
        var stuck = dead.Where(name => store.LowerRows.Contains(name)).ToDictionary(
            name => name, _ => "the lower store has a row of it as well, which Nix would copy again", StringComparer.Ordinal);
        var removed = new HashSet<string>(StringComparer.Ordinal);
        var order = new List<DeadRow>();
        for (var progress = true; progress;)
        {
            var free = dead.Where(name => !removed.Contains(name) && !stuck.ContainsKey(name) && referrers[name].TrueForAll(removed.Contains)).ToList();
            progress = free.Count > 0;
            removed.UnionWith(free);
            order.AddRange(free.Select(name => new DeadRow(name, Tell(store, referrers[name]), null)));
        }

        order.AddRange(dead.Where(name => !removed.Contains(name)).Select(name => new DeadRow(name, Tell(store, referrers[name]),
            stuck.GetValueOrDefault(name) ?? $"{store.Full(referrers[name].First(referrer => !removed.Contains(referrer)))} refers to it and stays")));
        return order;
    }

    private static string Tell(ExaminedOverlay store, List<string> referrers) => referrers.Count == 0 ? ""
        : $"; {string.Join(", ", referrers.Take(Named).Select(store.Full))}{(referrers.Count > Named ? $" and {referrers.Count - Named} more" : "")} "
            + $"refer{(referrers.Count == 1 ? "s" : "")} to it";
}
