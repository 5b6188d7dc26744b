-- Both halves of a full join: cities that earned something, then targets without any.
WITH earned AS (
    SELECT `listing_id`, SUM(`total`) AS `revenue`, SUM(DATEDIFF(`check_out`, `check_in`)) AS `nights`
    FROM `booking`
    WHERE `status` <> 'cancelled'
    GROUP BY `listing_id`
),
ranked AS (
    SELECT
        l.`city`, l.`title`, u.`name`, e.`revenue`, e.`nights`,
        ROW_NUMBER() OVER (PARTITION BY l.`city` ORDER BY e.`revenue` DESC, l.`id`) AS `place`
    FROM earned AS e
    JOIN `listing` AS l ON l.`id` = e.`listing_id`
    JOIN `user` AS u ON u.`id` = l.`user_id`
),
by_city AS (
    SELECT
        `city`,
        SUM(`revenue`) AS `revenue`,
        SUM(`nights`) AS `nights`,
        STRING_AGG(DISTINCT `name`, ', ' ORDER BY `name`) AS `hosts`,
        MAX(CASE WHEN `place` = 1 THEN `title` END) AS `top_listing`
    FROM ranked
    GROUP BY `city`
)
SELECT c.`city`, c.`revenue`, t.`amount` AS `target`, c.`nights`, c.`hosts`, c.`top_listing`
FROM by_city AS c
LEFT JOIN `target` AS t ON t.`city` = c.`city`
UNION ALL
SELECT t.`city`, 0, t.`amount`, 0, NULL, NULL
FROM `target` AS t
LEFT JOIN by_city AS c ON c.`city` = t.`city`
WHERE c.`city` IS NULL;
