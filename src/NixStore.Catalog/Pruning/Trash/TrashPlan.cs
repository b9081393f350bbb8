namespace NixStore.Catalog.Pruning.Trash;

/// <summary>What a plan has in the trash: where its lists are, and the way its objects come back.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Removal">Their way.</param>
internal sealed record TrashPlan(TrashFolder Folder, IRemoval Removal)
{
    /// <summary>The plan.</summary>
    internal string Id => Folder.PlanId;
}
