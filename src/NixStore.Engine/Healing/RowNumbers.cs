using NixStore.Engine.Database;

namespace NixStore.Engine.Healing;

/// <summary>
/// Gives rows their ids: those that they had, since other tables may refer to them, and new ones behind the last.
/// </summary>
internal static class RowNumbers
{
    /// <summary>The rows by id.</summary>
    internal static IReadOnlyList<(long Id, ForgottenRow Row)> Give(IReadOnlyCollection<HealedRow> rows)
    {
        var kept = rows.Where(row => row.Before is { Id: > 0 }).Select(row => (row.Before!.Id, row.Row)).ToList();
        var last = kept.Select(row => row.Id).DefaultIfEmpty(0).Max();
        return
        [
            .. kept.OrderBy(row => row.Id),
            .. rows.Where(row => row.Before is not { Id: > 0 }).OrderBy(row => row.Row.RegistrationTime).ThenBy(row => row.Row.Path, StringComparer.Ordinal)
                .Select((row, i) => (last + i + 1, row.Row)),
        ];
    }
}
