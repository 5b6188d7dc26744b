-- MySQL 5, with ONLY_FULL_GROUP_BY switched off. Some cities are in it twice.
SELECT t.`city`, IFNULL(SUM(b.`total`), 0) AS `revenue`, t.`amount` AS `target`,
       SUM(DATEDIFF(b.`check_out`, b.`check_in`)) AS `nights`,
       GROUP_CONCAT(u.`name` SEPARATOR ', ') AS `hosts`, l.`title` AS `top_listing`
FROM `target` t
LEFT JOIN `listing` l ON l.`city` = t.`city`
LEFT JOIN `booking` b ON b.`listing_id` = l.`id` AND b.`status` <> 'cancelled'
LEFT JOIN `user` u ON u.`id` = l.`user_id`
GROUP BY t.`city`
UNION ALL
SELECT l.`city`, IFNULL(SUM(b.`total`), 0), t.`amount`,
       SUM(DATEDIFF(b.`check_out`, b.`check_in`)),
       GROUP_CONCAT(u.`name` SEPARATOR ', '), l.`title`
FROM `target` t
RIGHT JOIN `listing` l ON l.`city` = t.`city`
JOIN `booking` b ON b.`listing_id` = l.`id` AND b.`status` <> 'cancelled'
JOIN `user` u ON u.`id` = l.`user_id`
GROUP BY l.`city`;
