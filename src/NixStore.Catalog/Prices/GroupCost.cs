namespace NixStore.Catalog.Prices;

/// <summary>What a group of objects costs, in the list's currency.</summary>
/// <param name="StoragePerMonth">Storing it for a month.</param>
/// <param name="EarlyDeletion">Storage that is billed all the same when it is deleted now.</param>
/// <param name="Objects">Objects.</param>
/// <param name="Reading">Reading each narinfo among them once.</param>
internal sealed record GroupCost(decimal StoragePerMonth, decimal EarlyDeletion, long Objects, decimal Reading)
{
    /// <summary>Of no object.</summary>
    internal static GroupCost None { get; } = new(0, 0, 0, 0);

    /// <summary>Of both.</summary>
    public static GroupCost operator +(GroupCost one, GroupCost other)
        => new(one.StoragePerMonth + other.StoragePerMonth, one.EarlyDeletion + other.EarlyDeletion, one.Objects + other.Objects, one.Reading + other.Reading);
}
