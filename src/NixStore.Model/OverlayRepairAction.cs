namespace NixStore;

/// <summary>What a step of the repair of an overlay store does. The steps are taken in this order.</summary>
public enum OverlayRepairAction
{
    /// <summary>Writes the program that Nix runs to have the overlay remounted.</summary>
    WriteRemountHook,
    /// <summary>Makes that program executable.</summary>
    AllowRemountHook,
    /// <summary>Moves the rows in the lower database's log into the database itself.</summary>
    CheckpointLower,
    /// <summary>Removes a whiteout from the upper layer, so that the path below is seen again.</summary>
    RemoveWhiteout,
    /// <summary>Removes part of a path from the upper layer, after the lower store's whole one proved intact.</summary>
    RemoveFragment,
    /// <summary>Makes the kernel forget what it remembers of the layers.</summary>
    Remount,
    /// <summary>Gives the overlay store's database a row, with all that it needs, that Nix cannot see in the lower one.</summary>
    CopyRow,
    /// <summary>Removes a row of the overlay store's database whose files are in no layer.</summary>
    RemoveRow,
}
